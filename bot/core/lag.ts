import { sameArtifact } from "./artifact.ts";
import type { StreamState } from "./plan-types.ts";
import type { Policy } from "./policy.ts";
import { streamKey } from "./target.ts";

/** A stream that has not got what the environment before it was verified on. */
export type Lag = {
  readonly behind: string;
  /** Tag of what it has not got. */
  readonly tag: string;
  /** Since when that was verified there. */
  readonly since: Date;
};

/**
 * By stream key: how far streams are behind the environment before theirs. Only what was verified there after this
 * stream last changed counts: a hotfix that went ahead is not behind.
 */
export function findLags(
  policy: Pick<Policy, "environments">,
  states: readonly StreamState[],
): ReadonlyMap<string, Lag> {
  const lags = new Map<string, Lag>();
  for (const [index, { name }] of policy.environments.entries()) {
    const before = policy.environments[index - 1];
    if (before === undefined) continue;
    for (const state of states.filter(({ stream }) => stream.environment === name)) {
      const upstream = states.filter(
        ({ stream }) =>
          stream.environment === before.name && stream.service === state.stream.service,
      );
      const lag = lagBehind(state, before.name, upstream);
      if (lag !== null) lags.set(streamKey(state.stream), lag);
    }
  }
  return lags;
}

function lagBehind(
  state: StreamState,
  behind: string,
  upstream: readonly StreamState[],
): Lag | null {
  // What stands in every ring there, and was verified in each.
  const [first] = upstream;
  const held = first?.desired.map(({ artifact }) => artifact) ?? [];
  for (const artifact of held) {
    const verified = upstream.map((one) => {
      const alone = one.desired.every((group) => sameArtifact(group.artifact, artifact));
      const verdict = one.verdicts.find((each) => sameArtifact(each.artifact, artifact));
      return alone && verdict?.result === "verified" ? verdict.at : null;
    });
    const moments = verified.flatMap((at) => (at === null ? [] : [at.getTime()]));
    if (moments.length < upstream.length || moments.length === 0) continue;
    const since = new Date(Math.max(...moments));
    const older = state.desired.some(
      (group) => !sameArtifact(group.artifact, artifact) && group.broughtAt < since,
    );
    return older ? { behind, tag: artifact.tag, since } : null;
  }
  return null;
}
