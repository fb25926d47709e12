import type { RepositoryContext } from "./context.ts";

/**
 * Where GitHub keeps the archive of a commit: the target of one redirect. Null when it names none that may be called:
 * it must be `https`, or a plain address on the very host that the settings already name with one.
 */
export async function archiveAddress(
  context: RepositoryContext,
  revision: string,
): Promise<URL | null> {
  const answer: { status: number; headers: { location?: string | undefined } } =
    await context.request("GET /repos/{owner}/{repo}/tarball/{ref}", {
      ...context.at,
      ref: revision,
      request: { parseSuccessResponseBody: false },
    });
  const { location } = answer.headers;
  if (location === undefined || !URL.canParse(location)) return null;
  const url = new URL(location);
  const api = new URL(context.apiUrl);
  const allowed = url.protocol === "https:" || (url.protocol === "http:" && isPlain(api, url));
  return allowed && url.username === "" ? url : null;
}

function isPlain(api: URL, url: URL): boolean {
  return api.protocol === "http:" && api.hostname === url.hostname;
}
