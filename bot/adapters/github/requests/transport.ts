/** Answers larger than this are broken off, bytes; GitHub's largest is a tree of 7 MB. */
const largest = 64 * 1024 * 1024;
const redirects = new Set([301, 302, 307, 308]);

/**
 * `fetch` as Octokit should use it. It follows redirects within GitHub's own origin only (a renamed repository), so
 * that no token ever goes elsewhere, and hands over an answer only when its body has arrived whole: Octokit itself takes
 * a body that broke off for an empty one.
 */
export async function transport(input: string, init: RequestInit): Promise<Response> {
  let url = new URL(input);
  for (let hop = 0; ; hop += 1) {
    const response = await fetch(url, { ...init, redirect: "manual" });
    const target = redirectOf(response, url, init.method ?? "GET");
    if (target === null || hop >= 3) return whole(response);
    await response.body?.cancel();
    url = target;
  }
}

function redirectOf(response: Response, from: URL, method: string): URL | null {
  const location = response.headers.get("location");
  if (!redirects.has(response.status) || location === null) return null;
  const target = new URL(location, from);
  if (target.origin !== from.origin) return null;
  const keepsMethod = method === "GET" || response.status === 307 || response.status === 308;
  return keepsMethod ? target : null;
}

async function whole(response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  if (response.body === null || status === 204 || status === 304) return response;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.byteLength;
    if (size > largest) throw new TypeError(`the answer is larger than ${largest} bytes`);
    parts.push(part);
  }
  const body = Buffer.concat(parts);
  if (isJson(headers) && size > 0) checkJson(body);
  const plain = new Headers(headers);
  // What arrived is unpacked by now, and its length is what remembering it costs.
  plain.delete("content-encoding");
  plain.set("content-length", String(size));
  return new Response(body, { status, statusText, headers: plain });
}

function isJson(headers: Headers): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/iu.test(headers.get("content-type") ?? "");
}

/** A cut answer without a length header ends like a whole one; only its last character tells. */
function checkJson(body: Buffer): void {
  const end = body
    .toString("latin1", Math.max(0, body.length - 8))
    .trimEnd()
    .at(-1);
  if (end !== "}" && end !== "]") throw new TypeError("the answer is not whole JSON");
}
