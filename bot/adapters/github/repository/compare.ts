import type { Comparison as Seen } from "#ports/code-host.ts";

import { refusedWith } from "../requests/errors.ts";
import { recall, remember, type RepositoryContext } from "./context.ts";

type Comparison = Exclude<Seen, { readonly status: "not-visible" }>;

/** GitHub lists at most so many changed files, and says nothing where it cuts. */
const cap = 300;
const fullSha = /^[0-9a-f]{40}$/u;

/** `head` seen from `base`. Between two full SHAs the answer cannot change; "unknown" is asked anew. */
export async function compare(
  context: RepositoryContext,
  base: string,
  head: string,
): Promise<Comparison> {
  if (base === head) return { status: "identical", files: [] };
  const key = `compare ${base}...${head}`;
  const known = recall(context, key) as Comparison | undefined;
  if (known !== undefined) return known;
  const comparison = await fetchComparison(context, base, head);
  if (fullSha.test(base) && fullSha.test(head) && comparison.status !== "unknown") {
    const files = comparison.files ?? [];
    const bytes = files.reduce((sum, path) => sum + 2 * path.length + 50, 200);
    remember(context, key, comparison, bytes);
  }
  return comparison;
}

async function fetchComparison(
  context: RepositoryContext,
  base: string,
  head: string,
): Promise<Comparison> {
  try {
    const { data } = await context.request("GET /repos/{owner}/{repo}/compare/{basehead}", {
      ...context.at,
      basehead: `${base}...${head}`,
      per_page: 1,
    });
    const files = data.files ?? [];
    if (files.length >= cap) return { status: data.status, files: null };
    const paths = files.flatMap((file) =>
      file.previous_filename === undefined
        ? [file.filename]
        : [file.previous_filename, file.filename],
    );
    return { status: data.status, files: paths };
  } catch (error) {
    // Unknown commits, and commits without a common ancestor.
    if (refusedWith(error, 404) || refusedWith(error, 422)) return { status: "unknown" };
    throw error;
  }
}

export async function contains(
  context: RepositoryContext,
  ancestor: string,
  descendant: string,
): Promise<"yes" | "no" | "unknown"> {
  const { status } = await compare(context, ancestor, descendant);
  switch (status) {
    case "ahead":
    case "identical":
      return "yes";
    case "behind":
    case "diverged":
      return "no";
    case "unknown":
      return "unknown";
  }
}
