import type { Artifact } from "./artifact.ts";
import { quoted } from "./nearest.ts";
import type { ExclusionPolicy, PinPolicy, Policy } from "./policy.ts";
import { matchesTenants } from "./ring.ts";

/**
 * Why a target stays where it is: somebody took it out of the flow. It is never moved, nothing waits for it, and it is
 * named wherever its ring is.
 */
export type Stay = {
  readonly kind: "pinned" | "excluded";
  /** What is so, who said so, and what lets it move again. */
  readonly sentence: string;
};

/** What a tenant's values file says at `sluice.pin` and `sluice.exclude`; empty where nothing stands there. */
export type StayMarks = { readonly pin: string; readonly exclude: string };

/** Where a values file may say it. */
export const stayPaths = ["sluice.pin", "sluice.exclude"] as const;

/** Why a target stays; null where it moves with its ring. `held`: what it holds, null where that cannot be read. */
export function stayOf(
  policy: Pick<Policy, "pins" | "excluded">,
  place: { readonly environment: string; readonly service: string; readonly tenant: string },
  held: Artifact | null,
  marks: StayMarks,
): Stay | null {
  const exclusion = policy.excluded.find((one) => covers(one, place));
  if (exclusion !== undefined)
    return {
      kind: "excluded",
      sentence: `Excluded by the policy: ${ended(exclusion.reason)} Take it out of "excluded" there to let it move again.`,
    };
  if (!isNo(marks.exclude)) return excludedByFile(marks.exclude);
  const pin = policy.pins.find((one) => covers(one, place));
  if (pin !== undefined) return pinned(pin, held);
  return isNo(marks.pin) ? null : pinnedByFile(marks.pin, held);
}

function covers(
  { service, environment, tenants }: ExclusionPolicy,
  place: { readonly environment: string; readonly service: string; readonly tenant: string },
): boolean {
  if (service !== null && service !== place.service) return false;
  if (environment !== null && environment !== place.environment) return false;
  return matchesTenants(tenants, place.tenant);
}

/** Whatever is not clearly a no takes the tenant out: it would be worse to move one that nobody wants moved. */
function excludedByFile(value: string): Stay {
  const doubt = isYes(value) ? "" : `, which says ${quoted(value)} there instead of true or false`;
  const sentence = `Excluded by its values file (sluice.exclude${doubt}). Remove that line to let it move again.`;
  return { kind: "excluded", sentence };
}

function pinned({ tag, digest, reason }: PinPolicy, held: Artifact | null): Stay {
  const there =
    held === null ||
    ((tag === null || tag === held.tag) && (digest === null || digest === held.digest));
  const to = tag ?? digest ?? "";
  const sentence = `Pinned to ${to} by the policy: ${ended(reason)}${elsewhere(there, held)} Take it out of "pins" there to let it move again.`;
  return { kind: "pinned", sentence };
}

function pinnedByFile(value: string, held: Artifact | null): Stay {
  const to = isYes(value) ? "" : ` to ${value}`;
  const there = isYes(value) || held === null || held.tag === value;
  const sentence = `Pinned${to} by its values file (sluice.pin).${elsewhere(there, held)} Remove that line to let it move again.`;
  return { kind: "pinned", sentence };
}

/** A pin holds what is there; it brings nothing. */
function elsewhere(there: boolean, held: Artifact | null): string {
  return there
    ? ""
    : ` It holds ${held?.tag || "something else"} though: write the artifact into its file.`;
}

function ended(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

function isYes(value: string): boolean {
  return /^(?:y|yes|true|on)$/i.test(value);
}

function isNo(value: string): boolean {
  return /^(?:n|no|false|off)?$/i.test(value);
}
