import type { Hold, StreamPlan, StreamState } from "#core/plan-types.ts";
import type { TargetState } from "#core/target.ts";
import type { Verdict } from "#core/verdict.ts";

import {
  aRefusedTarget,
  aStream,
  aStreamState,
  aTarget,
  aTargetState,
  aVerdict,
  anArtifact,
  anOpenPromotion,
  before,
} from "../builders.ts";
import { pastRollbacksIn, sidesIn } from "./side-situation.ts";

/**
 * One stream in a line. Tenants and what they hold come first (`v1` for all, or `a:v1 b:v2`, `b:?` where the file cannot
 * be read, `-` for a stream without targets), then words:
 *
 * - `ok`, `failed`, `timed-out`: the verdict on what is held (on each artifact), two hours ago; nothing: no verdict yet
 * - `unsure`: out of time while nothing could be learned
 * - `ok@30`: the same, 30 minutes ago
 * - `+v1=ok@90`: an older entry of the history
 * - `again`: what is held was brought by another commit than the verdicts are about
 * - `pr=v2`: an open promotion; `pr=v2!` with somebody else's commit on it
 * - `/promote`: consent to its head; `/promote-before`: consent to a head that it had before
 * - `/approve=qa`: a person approved that gate for its head
 * - `pinned=b`: b is pinned to what it holds; `pinned`: everybody is
 * - `borne=b`: b failed in what is held and verified otherwise
 * - `from=v1`: what is held replaced v1 everywhere
 * - `rollback=v1`, `catch-up=v2:b`, `subset=v2:a`, `was-rollback=v1`, `tried`: see `side-situation.ts`
 * - `hold`: by a person; `back`: moved backwards; `hold=v2`: the failure of v2; `veto=v2`: v2 closed by a person
 */
export function parseStream(environment: string, line: string, ring = "all"): StreamState {
  const words = line.split(" ").filter((word) => word !== "");
  const places = words.filter((word) => /^([ab]:)?(v\d+x?|latest|\?)$/.test(word));
  const stream = aStream({ environment, ring });
  const held = new Map<string, string>();
  for (const place of places) {
    const [tenant, tag] = place.includes(":") ? place.split(":") : [null, place];
    for (const name of tenant === null ? ["a", "b"] : [tenant ?? ""]) held.set(name, tag ?? "");
  }
  const all = [...held].map(([tenant, tag]) => {
    const target = aTarget(tenant, stream);
    return tag === "?" ? aRefusedTarget(target) : aTargetState(target, anArtifact(tag));
  });
  const isPinned = ({ target }: TargetState) =>
    words.includes("pinned") || words.includes(`pinned=${target.tenant}`);
  const targets = all.filter((one) => !isPinned(one));
  const stays = { kind: "pinned", sentence: "Pinned." } as const;
  const state = aStreamState(stream, targets, {
    staying: all.filter(isPinned).map((one) => ({ ...one, stays })),
    verdicts: verdictsIn(words, held),
    open: openIn(words),
    sides: sidesIn(words),
    pastRollbacks: pastRollbacksIn(words),
    holds: words.flatMap(holdIn),
    vetoes: words.flatMap((word) => {
      const tag = /^veto=(.+)$/.exec(word)?.[1];
      return tag === undefined
        ? []
        : [{ artifact: anArtifact(tag), number: 5, by: "dana", at: before(60) }];
    }),
  });
  const from = words.flatMap((word) => /^from=(.+)$/.exec(word)?.[1] ?? [])[0];
  const previous = from === undefined ? {} : { previous: anArtifact(from) };
  const again = words.includes("again") ? { commit: "again" } : {};
  return { ...state, desired: state.desired.map((group) => ({ ...group, ...previous, ...again })) };
}

function verdictsIn(words: readonly string[], held: ReadonlyMap<string, string>): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const word of words) {
    const match =
      /^(?:\+(v\d+x?|latest)=)?(ok|failed|timed-out|superseded|unsure)(?:@(\d+))?$/.exec(word);
    if (match === null) continue;
    const [, older, word2, minutes] = match;
    const uncertain = word2 === "unsure" ? true : undefined;
    const ended = uncertain === true ? "timed-out" : (word2 as Verdict["result"]);
    const result = word2 === "ok" ? "verified" : ended;
    const at = before(Number(minutes ?? 120));
    const tags = older === undefined ? new Set(held.values()) : [older];
    for (const tag of tags) {
      if (tag === "?") continue;
      const tenants =
        older === undefined
          ? [...held].filter((entry) => entry[1] === tag).map(([tenant]) => tenant)
          : ["a", "b"];
      const failures = words.flatMap((one) => /^borne=(.+)$/.exec(one)?.[1] ?? []);
      const borne = older === undefined && failures.length > 0 ? { failures } : {};
      verdicts.push(aVerdict(anArtifact(tag), { result, at, tenants, uncertain, ...borne }));
    }
  }
  return verdicts.toSorted((one, other) => other.at.getTime() - one.at.getTime());
}

function openIn(words: readonly string[]) {
  const match = words
    .map((word) => /^pr=(v\d+x?|latest)(!?)$/.exec(word))
    .find((found) => found !== null);
  if (!match) return null;
  const consents = words.flatMap((word) => {
    if (!word.startsWith("/promote")) return [];
    return [{ by: "dana", at: before(5), head: word === "/promote" ? "head-7" : "head-6" }];
  });
  const approvals = words.flatMap((word) => {
    const gate = /^\/approve=(.+)$/.exec(word)?.[1];
    return gate === undefined ? [] : [{ gate, by: "dana", at: before(5), head: "head-7" }];
  });
  const ownership = match[2] === "!" ? "person" : "sluice";
  return anOpenPromotion(anArtifact(match[1]), { ownership, consents, approvals });
}

function holdIn(word: string): Hold[] {
  const since = before(30);
  if (word === "hold") return [{ reason: "person", sentence: "Held.", since, artifact: null }];
  if (word === "back") {
    return [{ reason: "moved-backwards", sentence: "Moved back.", since, artifact: null }];
  }
  const tag = /^hold=(.+)$/.exec(word)?.[1];
  if (tag === undefined) return [];
  return [{ reason: "rollout-failed", sentence: "Failed.", since, artifact: anArtifact(tag) }];
}

/** What each gate of a promotion says: `pending approvals-missing`. */
export function showGates({ promotion }: StreamPlan): ReadonlyMap<string, string> {
  const gates = promotion.kind === "promote" ? promotion.gates : [];
  return new Map(gates.map(({ gate, status, reason }) => [gate, `${status} ${reason}`]));
}

/**
 * A stream's plan in a line: `merge v2 → a b` (Sluice merges now), `ready v2 → a b` (a person may), `waiting v2 → a b
 * (soak)` with the gates that are not passed, `nothing: up-to-date`, `refused v2: digest-unknown`, then `close` and the
 * rollouts that are needed.
 */
export function showPlan({ promotion, rollouts }: StreamPlan): string {
  const needed = rollouts.map(({ artifact }) => artifact.tag).toSorted();
  const tail = needed.length === 0 ? "" : `, roll out ${needed.join(" ")}`;
  switch (promotion.kind) {
    case "none":
      return `nothing: ${promotion.reason}${promotion.close === null ? "" : ", close"}${tail}`;
    case "refused":
      return `refused ${promotion.artifact.tag}: ${promotion.reason}${tail}`;
    case "promote": {
      const moving = promotion.targets
        .filter(({ outcome }) => outcome === "move")
        .map(({ target }) => target.tenant);
      const open = promotion.gates
        .filter(({ status }) => status === "pending" || status === "failed")
        .map(({ gate, reason }) => `${gate}: ${reason}`);
      const held = promotion.holds.length > 0 ? ["held"] : [];
      const why = [...open, ...held].join(", ");
      const verb = promotion.merge ? "merge" : promotion.state;
      const instead =
        promotion.replaces === undefined ? "" : ` instead of #${promotion.replaces.number}`;
      return `${verb} ${promotion.artifact.tag} → ${moving.join(" ")}${instead}${why === "" ? "" : ` (${why})`}${tail}`;
    }
  }
}
