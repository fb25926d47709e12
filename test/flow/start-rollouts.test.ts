import { expect, it } from "vitest";

import type { DesiredArtifact } from "#core/plan-types.ts";
import { promotionId } from "#core/promotion-id.ts";
import type { RolloutAssignment } from "#core/stream-rollout.ts";
import { remember } from "#flow/remember.ts";
import type { RepositoryContext } from "#flow/repository-context.ts";
import { assignmentKey, startRollouts } from "#flow/start-rollouts.ts";

import { memoryFacts } from "../adapters/github/support.ts";
import {
  anArtifact,
  aPolicy,
  aService,
  aStream,
  aStreamState,
  aTarget,
  aTargetState,
} from "../builders.ts";

const now = new Date("2026-11-21T12:00:00Z");
const merge = new Date("2026-11-21T11:50:00Z");
const stream = aStream();

/** The assignment that follows, and the names of the rollouts that were queued. */
async function started(desired: Partial<DesiredArtifact>, facts = memoryFacts(), at = now) {
  const repository = "acme/platform";
  const added: string[] = [];
  const context = {
    deps: {
      facts,
      queue: { addRollout: async (job: { ring: string }) => void added.push(job.ring) },
    },
    job: { installation: 1, repository },
    memory: remember(facts, repository),
    now: at,
  } as unknown as RepositoryContext;
  const targets = ["a", "b"].map((name) => aTargetState(aTarget(name, stream), anArtifact("v2")));
  const [group] = aStreamState(stream, targets).desired;
  if (group === undefined) throw new Error("no group");
  const rollouts = [{ ...group, ...desired }];
  const state = aStreamState(stream, targets, { desired: rollouts });
  const plan = { stream, rollouts, wakeAt: null } as unknown as Parameters<
    typeof startRollouts
  >[3][number];
  const policy = aPolicy({ services: [aService({ source: null })] });
  await startRollouts(context, policy, [state], [plan]);
  return {
    added,
    assignment: await facts.get<RolloutAssignment>(assignmentKey(repository, stream)),
  };
}

it("counts a rollout's time from the merge, however late it is found", async () => {
  const { added, assignment } = await started({ mergedAt: merge });
  expect(assignment?.startedAt).toBe(merge.toISOString());
  expect(added).toEqual([stream.ring]);
});

it("counts it from the first look where no merge was watched, and goes on from there", async () => {
  const facts = memoryFacts();
  const first = await started({ mergedAt: null }, facts);
  expect(first.assignment?.startedAt).toBe(now.toISOString());
  const later = new Date(now.getTime() + 60_000);
  const second = await started({ mergedAt: null }, facts, later);
  expect(second.assignment).toEqual(first.assignment);
  expect(second.added).toEqual([stream.ring]);
});

it("assigns anew when the targets are others, and its time goes on", async () => {
  const facts = memoryFacts();
  await started({ mergedAt: null }, facts);
  const later = new Date(now.getTime() + 60_000);
  const { assignment } = await started({ mergedAt: null, tenants: ["a"] }, facts, later);
  expect(assignment?.targets.map(({ tenant }) => tenant)).toEqual(["a"]);
  expect(assignment?.startedAt).toBe(now.toISOString());
});

it("carries the id of the promotion that knew the digest", async () => {
  const digest = `sha256:${"1".repeat(64)}`;
  const artifact = { ...anArtifact("v2"), digest };
  const { assignment } = await started({ artifact });
  const promotion = { repository: "acme/platform", ...stream, artifact };
  expect(assignment?.promotionId).toBe(promotionId(promotion));
});

it("shows on GitHub's Environments page what came while Sluice watched, where the policy does not forbid it", async () => {
  const shown = async (desired: Partial<DesiredArtifact>) => {
    const { assignment } = await started(desired);
    return assignment?.deployments;
  };
  expect(await shown({ watched: true })).toBe(true);
  expect(await shown({ watched: false })).toBe(false);
  expect(await shown({})).toBe(false);
});
