import type { Answer } from "./answer.ts";
import type { Context } from "./context.ts";

/** GitHub's page of a list: 30 items unless asked, never more than 100. */
export function pageOf(context: Context): { page: number; perPage: number } {
  const number = (name: string, fallback: number): number => {
    const value = Number(context.request.query.get(name) ?? fallback);
    return Number.isInteger(value) && value > 0 ? value : fallback;
  };
  return { page: number("page", 1), perPage: Math.min(100, number("per_page", 30)) };
}

/** One page of `items`, rendered, with the `Link` header to the others. */
export async function paginate<Item>(
  context: Context,
  items: Item[],
  render: (item: Item) => unknown,
  wrap: (rendered: unknown[], total: number) => unknown = (rendered) => rendered,
): Promise<Answer> {
  const { page, perPage } = pageOf(context);
  const slice = items.slice((page - 1) * perPage, page * perPage);
  const rendered = await Promise.all(slice.map((item) => render(item)));
  const link = linkHeader(context, page, Math.max(1, Math.ceil(items.length / perPage)));
  const headers: Record<string, string> = link === undefined ? {} : { link };
  return { status: 200, body: wrap(rendered, items.length), headers };
}

function linkHeader(context: Context, page: number, last: number): string | undefined {
  const to = (number: number, rel: string): string => {
    const query = new URLSearchParams(context.request.query);
    query.set("page", String(number));
    return `<${context.world.urls.api}${context.request.path}?${query.toString()}>; rel="${rel}"`;
  };
  const links: string[] = [];
  if (page > 1) links.push(to(page - 1, "prev"));
  if (page < last) links.push(to(page + 1, "next"), to(last, "last"));
  if (page > 1) links.push(to(1, "first"));
  return links.length === 0 ? undefined : links.join(", ");
}
