import type { Review } from "#core/approval.ts";

import type { RepositoryContext } from "./context.ts";
import { all } from "./pages.ts";

const states: Readonly<Record<string, Review["state"]>> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes-requested",
  DISMISSED: "dismissed",
  COMMENTED: "commented",
};

/** Reviews in the order in which they were submitted. One that is not submitted yet has no state that counts. */
export async function readReviews(
  context: RepositoryContext,
  number: number,
): Promise<readonly Review[]> {
  const bodies = await all(async (page) =>
    context.request("GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", {
      ...context.at,
      pull_number: number,
      per_page: 100,
      page,
    }),
  );
  const reviews = bodies.flatMap((body) => {
    const state = states[body.state];
    if (state === undefined || body.submitted_at === undefined) return [];
    return [
      {
        by: body.user?.login ?? "ghost",
        // Whoever deleted their account cannot be asked about any more.
        byBot: body.user === null || body.user.type === "Bot",
        state,
        head: body.commit_id ?? "",
        at: new Date(body.submitted_at),
      },
    ];
  });
  return reviews.toSorted((one, other) => one.at.getTime() - other.at.getTime());
}
