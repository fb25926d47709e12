import { isFloating } from "#core/artifact.ts";
import { renderDryRun } from "#core/comment-side.ts";
import { replyMarker } from "#core/comment.ts";
import type { Policy } from "#core/policy.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandMeaning } from "./command-decision.ts";
import { denied, done, notUnderstood } from "./command-meaning.ts";
import { consent } from "./decide-consent.ts";
import { findSubset } from "./find-subset.ts";
import { findWaysBack, type SideOrder } from "./find-ways-back.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** What `/rollback`, or `/promote` with a tag or tenants, means: promotions beside the streams' own ones. */
export async function decideSide(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  command: "rollback" | "promote",
  order: Omit<SideOrder, "by" | "at"> & { readonly dryRun: boolean },
): Promise<CommandMeaning> {
  if (order.tag !== null && isFloating(order.tag))
    return denied(
      event,
      `The tag ${order.tag} names another image every day, so nothing is promoted or taken back to it: name the tag of one image, as its short SHA.`,
    );
  const wanted = { ...order, by: event.author, at: new Date(event.createdAt) };
  const found = await (command === "rollback" ? findWaysBack : findSubset)(context, policy, wanted);
  switch (found.kind) {
    case "refused":
      return denied(event, found.sentence);
    case "unknown-tenant":
      return notUnderstood(event, found);
    case "requests": {
      const { requests, open = [] } = found;
      const meanings = await Promise.all(
        open.map(({ stream, artifact }) =>
          consent(context, policy, event, {
            on: null,
            place: stream,
            artifact,
            dryRun: order.dryRun,
          }),
        ),
      );
      const refused = meanings.find(({ reaction }) => reaction !== "rocket");
      if (refused !== undefined) return refused;
      const consents = meanings.flatMap(({ deed }) => (deed?.kind === "consent" ? [deed] : []));
      const agreed = meanings.flatMap(({ reply }) => reply ?? []).join("\n\n");
      if (!order.dryRun)
        return done({ kind: "side", requests, consents }, agreed === "" ? null : agreed);
      const marker = replyMarker(event.commentId);
      const moves =
        requests.length === 0 ? [] : [renderDryRun({ command, moves: requests, marker })];
      return done(null, [...moves, agreed].join("\n\n"));
    }
  }
}
