import { Fault } from "#core/error.ts";

type Page<T> = { readonly data: T; readonly headers: { readonly link?: string | undefined } };

/** More pages than any list of ours can have; a server that never ends is broken off here. */
const most = 1000;

/** Every page of a list. The next page is counted, never taken from the answer: a `Link` cannot lead elsewhere. */
export async function* pages<T>(read: (page: number) => Promise<Page<T>>): AsyncGenerator<T> {
  for (let page = 1; page <= most; page += 1) {
    const { data, headers } = await read(page);
    yield data;
    if (!hasNext(headers.link)) return;
  }
  throw new Fault("github.endless", `A list of GitHub has more than ${most} pages.`, {
    retryable: false,
  });
}

export function hasNext(link: string | undefined): boolean {
  return link !== undefined && /;\s*rel="?next"?/u.test(link);
}

/** All items of all pages. */
export async function all<T>(read: (page: number) => Promise<Page<readonly T[]>>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages(read)) items.push(...page);
  return items;
}
