import type { OpenSide, PastRollback, StreamPlan } from "#core/plan-types.ts";

import { anArtifact, anOpenPromotion, before } from "../builders.ts";

const numbers = { rollback: 8, "catch-up": 9, subset: 10 } as const;

/**
 * Promotions beside the stream's own one, among the words of a stream:
 *
 * - `rollback=v1`: open, asked for by dana; `rollback=v1?` without her consent to its head, `rollback=v1*` by the policy,
 *   `rollback=v1!` with somebody else's commit on it
 * - `catch-up=v2:b`, `subset=v2:a`: open for these tenants; `subset` with dana's consent
 * - `overtaken=a`: a has moved on since these commits were made
 */
export function sidesIn(words: readonly string[]): readonly OpenSide[] {
  const overtaken = words.flatMap((word) => /^overtaken=(.+)$/.exec(word)?.[1] ?? []);
  return words.flatMap((word): OpenSide[] => {
    const match = /^(rollback|catch-up|subset)=(v\d+x?|latest)([?*!]?)(?::([ab]+))?$/.exec(word);
    if (match === null) return [];
    const [, name, tag, mark, names = "ab"] = match;
    const kind = name as OpenSide["kind"];
    const head = `head-${numbers[kind]}`;
    const asked = mark === "" && kind !== "catch-up";
    const open = anOpenPromotion(anArtifact(tag), {
      number: numbers[kind],
      head,
      tenants: names.split(""),
      ownership: mark === "!" ? "person" : "sluice",
      requestedBy: mark === "*" || kind === "catch-up" ? null : "dana",
      consents: asked ? [{ by: "dana", at: before(5), head }] : [],
    });
    return [{ kind, id: `id-of-${kind}`, open, overtaken }];
  });
}

/** `was-rollback=v1`: a rollback brought v1; `tried`: one that was opened after the present artifact came is over. */
export function pastRollbacksIn(words: readonly string[]): readonly PastRollback[] {
  return words.flatMap((word): PastRollback[] => {
    const tag = /^was-rollback=(.+)$/.exec(word)?.[1];
    if (tag !== undefined) return [{ openedAt: before(185), mergeRevision: `commit-of-${tag}` }];
    return word === "tried" ? [{ openedAt: before(60), mergeRevision: null }] : [];
  });
}

/** `rollback merge v1 → a b; catch-up close`, and `no way back` where the policy would have had one. */
export function showSides({ sides, noWayBack }: StreamPlan): string {
  const shown = sides.map(({ kind, promotion }) => {
    if (promotion.kind !== "promote")
      return `${kind} ${promotion.kind === "none" && promotion.close !== null ? "close" : "left"}`;
    const moving = promotion.targets
      .filter(({ outcome }) => outcome === "move")
      .map(({ target }) => target.tenant);
    const verb = promotion.merge ? "merge" : promotion.state;
    return `${kind} ${verb} ${promotion.artifact.tag} → ${moving.join(" ")}`;
  });
  const all = noWayBack === null ? shown : [...shown, "no way back"];
  return all.length === 0 ? "nothing" : all.join("; ");
}
