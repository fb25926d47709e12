import { refusedWith } from "../requests/errors.ts";
import type { RepositoryContext } from "./context.ts";

/** One file of the default branch as text; null when there is none. */
export async function readFile(context: RepositoryContext, path: string): Promise<string | null> {
  try {
    const { data } = await context.request("GET /repos/{owner}/{repo}/contents/{path}", {
      ...context.at,
      path,
    });
    if (Array.isArray(data) || data.type !== "file" || !("content" in data)) return null;
    return Buffer.from(data.content, "base64").toString("utf8");
  } catch (error) {
    // An empty repository is answered with 404 too.
    if (refusedWith(error, 404)) return null;
    throw error;
  }
}
