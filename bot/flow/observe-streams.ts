import { formatArtifact, type Artifact } from "#core/artifact.ts";
import type { DesiredArtifact, Hold, StreamState } from "#core/plan-types.ts";
import { findService, type Policy, type ServicePolicy } from "#core/policy.ts";
import { parsePromotionBranch, streamBranch } from "#core/promotion-branch.ts";
import { holdsOfPeople } from "#core/stop-hold.ts";
import { moves, streamKey, type Stream, type TargetState } from "#core/target.ts";
import type { Verdict } from "#core/verdict.ts";

import { chooseSample } from "./choose-sample.ts";
import { compareArtifacts } from "./compare-artifacts.ts";
import { findBringer, type BringerQuestion } from "./find-bringer.ts";
import { findVetoes } from "./find-vetoes.ts";
import { listStops } from "./keep-stops.ts";
import { observeOpenPromotion } from "./observe-open-promotion.ts";
import { isSluiceBranch, type ObservedPulls } from "./observe-pull-requests.ts";
import { observeSides } from "./observe-sides.ts";
import type { BroughtFact } from "./remember.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** What one commit of the default branch, its pull requests and the memory say of every stream of the policy. */
export async function observeStreams(
  context: RepositoryContext,
  policy: Policy,
  head: string,
  targets: readonly TargetState[],
  pulls: ObservedPulls,
): Promise<readonly StreamState[]> {
  const byStream = Map.groupBy(targets, (state) => streamKey(state.target));
  let headCommit: ReturnType<typeof context.repository.commit> | null = null;
  const parent = async () => {
    headCommit ??= context.repository.commit(head);
    return (await headCommit).parents[0] ?? null;
  };
  const stops = await listStops(context);
  const drafts = await Promise.all(
    streamsOf(policy).map(async (stream) => {
      const service = findService(policy, stream.service);
      if (service === undefined) throw new Error(`no service ${stream.service} in the policy`);
      const all = byStream.get(streamKey(stream)) ?? [];
      const own = all.filter(moves);
      const verdicts = await context.memory.verdicts(stream);
      const seen = { own, verdicts, head, parent, pulls };
      const brought = await observeDesired(context, service, seen);
      const staying = all.filter((state) => !moves(state));
      return { stream, service, targets: own, staying, verdicts, brought };
    }),
  );
  return Promise.all(
    drafts.map(async ({ stream, service, targets, staying, verdicts, brought }) => {
      const siblings = drafts.filter(
        (draft) =>
          draft.stream.environment === stream.environment &&
          draft.stream.service === stream.service,
      );
      const pull = pulls.find(
        (one) =>
          one.state === "open" && one.sameRepository && one.headBranch === streamBranch(stream),
      );
      // A tenant may have changed its ring, or been pinned, since the commit was made.
      const possible = siblings.flatMap((draft) => [...draft.targets, ...draft.staying]);
      const place = { stream, service, targets, head };
      const [open, holds, vetoes, sides] = await Promise.all([
        pull === undefined
          ? null
          : observeOpenPromotion(context.repository, context.memory, {
              pull,
              service,
              targets: possible.map((state) => state.target),
              login: context.login,
            }),
        findHolds(context, policy, service, stream, {
          brought: siblings.flatMap((draft) => draft.brought.map((one) => one.fact)),
          pulls,
        }),
        findVetoes(context, stream, pulls),
        observeSides(context, place, pulls),
      ]);
      return {
        stream,
        targets,
        staying,
        desired: brought.map((one) => one.desired),
        verdicts,
        open,
        holds: [...holds, ...holdsOfPeople(stops, stream)],
        vetoes,
        ...sides,
      };
    }),
  );
}

/** Every stream of a policy, in the order of promotion. */
export function streamsOf(policy: Policy): readonly Stream[] {
  return policy.environments.flatMap((environment) =>
    policy.services.flatMap((service) =>
      environment.rings.map((ring) => ({
        environment: environment.name,
        service: service.name,
        ring: ring.name,
      })),
    ),
  );
}

type Brought = { readonly desired: DesiredArtifact; readonly fact: BroughtFact };

async function observeDesired(
  context: RepositoryContext,
  service: ServicePolicy,
  seen: Pick<BringerQuestion, "head" | "parent" | "pulls"> & {
    readonly own: readonly TargetState[];
    readonly verdicts: readonly Verdict[];
  },
): Promise<readonly Brought[]> {
  const { own: targets, verdicts, head, parent, pulls } = seen;
  const groups = new Map<string, { artifact: Artifact; states: TargetState[] }>();
  for (const state of targets) {
    if (state.desired.kind !== "artifact" || state.desired.artifact.tag === "") continue;
    const { artifact } = state.desired;
    const name = formatArtifact(artifact);
    const group = groups.get(name) ?? { artifact, states: [] };
    group.states.push(state);
    groups.set(name, group);
  }
  return Promise.all(
    [...groups.values()].map(async ({ artifact: held, states }) => {
      const artifact = await completed(context, service, held);
      const sample = await chooseSample(context, { artifact, states, verdicts });
      const question = { service, sample, artifact, head, parent, pulls };
      const fact = await findBringer(context.repository, context.memory, question);
      const desired: DesiredArtifact = {
        artifact,
        commit: fact.commit,
        broughtAt: new Date(fact.at),
        previous: fact.previous,
        mergedAt: fact.mergedAt === null ? null : new Date(fact.mergedAt),
        watched: fact.watched === true,
        tenants: states.map((state) => state.target.tenant).sort(),
      };
      return { desired, fact };
    }),
  );
}

/** Where no file pins the digest, what Sluice promoted is known all the same. */
async function completed(
  { memory }: RepositoryContext,
  { values, image }: ServicePolicy,
  artifact: Artifact,
): Promise<Artifact> {
  if (values.digest !== null || artifact.digest !== null) return artifact;
  return { ...artifact, digest: await memory.promotedDigest(image, artifact.tag) };
}

/**
 * Holds that stand until `/resume`: the last change of an environment's scalar went backwards, or a merge brought
 * something else than was computed. A failed rollout's hold is its verdict; the plan reads it there.
 *
 * A backwards move counts once a promotion of Sluice exists there: before, there is nothing to hold, and no pull
 * request on which anybody could write `/resume`.
 */
async function findHolds(
  context: RepositoryContext,
  policy: Policy,
  service: ServicePolicy,
  stream: Stream,
  seen: { brought: readonly BroughtFact[]; pulls: ObservedPulls },
): Promise<readonly Hold[]> {
  const resumed = await context.memory.resumedAt(stream.environment, stream.service);
  const holds: Hold[] = [];
  const differently = await context.memory.mergedDifferently(stream);
  if (differently !== null && (resumed === null || resumed < new Date(differently.at)))
    holds.push({
      reason: "merged-differently",
      sentence: differently.sentence,
      since: new Date(differently.at),
      artifact: null,
    });
  const prefix = `/${stream.environment}/${stream.service}/`;
  const promoted = seen.pulls.some(
    (pull) => isSluiceBranch(pull.headBranch) && pull.headBranch.includes(prefix),
  );
  if (!promoted) return holds;
  for (const brought of seen.brought) {
    const at = new Date(brought.at);
    if (resumed !== null && resumed >= at) continue;
    const rollback = seen.pulls.find((pull) => isRollbackMerge(pull, brought.commit));
    if (rollback !== undefined) {
      holds.push({
        reason: "moved-backwards",
        sentence:
          `#${rollback.number} took ${stream.environment} back to ${brought.artifact.tag}, ` +
          "so nothing is promoted here by itself. Write /resume on one of its pull requests to go on.",
        since: at,
        artifact: null,
      });
      continue;
    }
    if (brought.previous === null) continue;
    const order = await compareArtifacts(
      context,
      policy,
      service,
      brought.previous,
      brought.artifact,
    );
    if (order.relation !== "older") continue;
    holds.push({
      reason: "moved-backwards",
      sentence:
        `Commit ${brought.commit.slice(0, 7)} moved ${stream.environment} back from ` +
        `${brought.previous.tag} to ${brought.artifact.tag}, so nothing is promoted here by itself. ` +
        "Write /resume on one of its pull requests to go on.",
      since: at,
      artifact: null,
    });
  }
  return holds;
}

/** Whatever the order of artifacts can tell: a rollback goes backwards. */
function isRollbackMerge({ headBranch, mergeRevision }: ObservedPulls[number], commit: string) {
  return mergeRevision === commit && parsePromotionBranch(headBranch)?.side?.kind === "rollback";
}
