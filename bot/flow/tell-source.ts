import { Fault } from "#core/error.ts";
import type { Log } from "#ports/log.ts";

/** Says something on a source repository. That the App cannot see it is no reason to tell nobody anywhere. */
export async function tellSource(
  log: Log,
  repository: string,
  tell: () => Promise<unknown>,
): Promise<void> {
  try {
    await tell();
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "github.not-found") throw error;
    log.info({ source: repository }, "the source repository is not visible");
  }
}
