import type { PlannedSide } from "#core/plan-types.ts";
import { parsePromotionBranch } from "#core/promotion-branch.ts";
import { promotionId } from "#core/promotion-id.ts";
import type { Stream } from "#core/target.ts";

import { closePullRequest, promote, type Acted } from "./act-on-stream.ts";
import type { Planned } from "./plan-repository.ts";
import type { SideWork } from "./promotion-work.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { tellRollback } from "./tell-rollback.ts";

/** Does what the plan says for one promotion beside a stream's own one. Everything here can be repeated. */
export async function actOnSide(
  context: RepositoryContext,
  planned: Pick<Planned, "policy" | "head" | "pulls">,
  stream: Stream,
  side: PlannedSide,
): Promise<Acted> {
  const { policy, head: base, pulls } = planned;
  const { kind, number, requestedBy, failed, promotion } = side;
  const pull = pulls.find((one) => one.number === number) ?? null;
  if (promotion.kind !== "promote") {
    const close = promotion.kind === "none" && promotion.close !== null;
    if (close && pull !== null) await closePullRequest(context, pull, promotion.sentence);
    return { kind: "done" };
  }
  const { artifact, open } = promotion;
  const place = { repository: context.job.repository, ...stream, artifact };
  const known = pull === null ? null : (parsePromotionBranch(pull.headBranch)?.side ?? null);
  const work: SideWork = {
    kind,
    id: known?.id ?? promotionId({ ...place, side: { kind, tenants: null } }),
    requestedBy,
    consent: (kind === "rollback" && open?.consents.find(({ head }) => head === open.head)) || null,
  };
  return promote(
    context,
    { policy, base, stream, planned: promotion, pull, side: work },
    async (opened) => {
      if (failed !== null)
        await tellRollback(context, pulls, stream, { failed, artifact, number: opened.number });
    },
  );
}
