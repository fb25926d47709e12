import { describeDuration } from "../duration.ts";
import type { GateResult } from "../gate.ts";
import { formatMoment } from "../words.ts";
import type { Gate, GateContext } from "./gate-context.ts";

/** Long enough verified upstream: counted from the last verdict that was needed there. */
export const soak: Gate = {
  name: "soak",
  applies: ({ environment, ring }) => environmentSoak(environment) > 0 || ring.soakMs > 0,
  judge: judgeSoak,
};

/**
 * When every soak of this stream is over for this artifact; null while something before it is not verified. What has no
 * target does not count: `health` fails over it.
 */
export function soakOver(
  context: Pick<GateContext, "environment" | "ring" | "upstream">,
): { readonly at: Date; readonly forMs: number } | null {
  const { environment, ring, upstream } = context;
  const rings = upstream.filter(
    ({ kind, verification }) => kind === "ring" && verification.kind !== "nothing-moves",
  );
  const environments = upstream.filter(({ kind }) => kind === "environment");
  const soaks = [
    { forMs: environmentSoak(environment), after: environments.length > 0 ? environments : rings },
    { forMs: ring.soakMs, after: rings.length > 0 ? rings : environments },
  ];
  let over = { at: new Date(0), forMs: 0 };
  for (const { forMs, after } of soaks) {
    for (const { verification } of after) {
      if (verification.kind === "no-targets" || verification.kind === "nothing-moves") continue;
      if (verification.kind !== "verified") return null;
      const at = new Date(verification.since.getTime() + forMs);
      if (forMs > 0 && at > over.at) over = { at, forMs };
    }
  }
  return over;
}

function judgeSoak(context: GateContext): GateResult {
  if (context.upstream.length === 0) {
    return say(
      "skipped",
      "first-environment",
      "Nothing comes before, so there is nothing to soak.",
    );
  }
  const over = soakOver(context);
  if (
    over === null ||
    context.upstream.some(({ verification }) => verification.kind === "no-targets")
  ) {
    return say("pending", "soak-not-begun", "The soak begins once everything before is verified.");
  }
  const rest = over.at.getTime() - context.now.getTime();
  if (rest > 0) {
    return {
      ...say(
        "pending",
        "soak-not-over",
        `Soaks for ${describeDuration(over.forMs)}, until ${formatMoment(over.at)}.`,
      ),
      until: over.at,
    };
  }
  return say(
    "passed",
    "soaked",
    `Verified upstream for ${describeDuration(over.forMs)} or longer.`,
  );
}

function environmentSoak({ gates }: GateContext["environment"]): number {
  return Math.max(0, ...gates.map((gate) => (gate.kind === "soak" ? gate.forMs : 0)));
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "soak", status, reason, sentence };
}
