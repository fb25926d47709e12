import { durationOf } from "./duration.ts";
import type { Approvers, GatePolicy } from "./gate-policy.ts";
import type { WrittenGate } from "./policy-schema.ts";
import { compileTagPattern } from "./tag-pattern.ts";

type Written<Kind extends keyof WrittenGate> = NonNullable<WrittenGate[Kind]>;

/** The gate that a written entry means. */
export function fillGate(written: WrittenGate): GatePolicy[] {
  const { soak, checks, approvals, window, metric, load, image, manual } = written;
  const budget = written["error-budget"];
  if (soak !== undefined) return [{ kind: "soak", forMs: durationOf(soak) }];
  if (checks !== undefined) return [{ kind: "checks", names: checks }];
  if (approvals !== undefined) return [fillApprovals(approvals)];
  if (window !== undefined) return [fillWindows(window)];
  if (metric !== undefined) return [fillMetric(metric)];
  if (load !== undefined) return [fillLoad(load)];
  if (image !== undefined) return [fillImage(image)];
  if (manual !== undefined)
    return [{ kind: "manual", name: manual.name, ...fillApprovers(manual) }];
  if (budget === undefined) return [];
  const { target, window: over, query } = budget;
  return [{ kind: "error-budget", target, windowMs: durationOf(over), query }];
}

function fillApprovers(written: {
  teams?: string[] | undefined;
  people?: string[] | undefined;
}): Approvers {
  return { teams: written.teams ?? [], people: written.people ?? [] };
}

function fillApprovals(written: Written<"approvals">): GatePolicy {
  const stated = typeof written === "number" ? { count: written } : written;
  const { count, distinct } = { distinct: undefined, ...stated };
  return { kind: "approvals", count, distinct: distinct ?? false, ...fillApprovers(stated) };
}

/** Windows that say nothing of an effect allow. */
function fillWindows(written: Written<"window">): GatePolicy {
  const windows = Array.isArray(written) ? written : [written];
  return {
    kind: "window",
    windows: windows.map(({ effect, ...window }) => ({ ...window, effect: effect ?? "allow" })),
  };
}

function fillMetric({ name, query, max, min, over }: Written<"metric">): GatePolicy {
  return {
    kind: "metric",
    name,
    query,
    max: max ?? null,
    min: min ?? null,
    over: over ?? "upstream",
  };
}

/** Ten connections are what drives a small service without being an attack on it. Ours. */
function fillLoad({ duration, warmUp, connections, paths, max, min }: Written<"load">): GatePolicy {
  return {
    kind: "load",
    durationMs: durationOf(duration),
    warmUpMs: warmUp === undefined ? 0 : durationOf(warmUp),
    connections: connections ?? 10,
    paths,
    max: defined(max ?? {}),
    min: defined(min ?? {}),
  };
}

function defined<Key extends string>(
  bounds: Readonly<Partial<Record<Key, number | undefined>>>,
): Partial<Record<Key, number>> {
  const stated = Object.entries(bounds).filter(([, bound]) => bound !== undefined);
  return Object.fromEntries(stated) as Partial<Record<Key, number>>;
}

function fillImage({ match, digest, attestation }: Written<"image">): GatePolicy {
  return {
    kind: "image",
    match: match === undefined ? null : compileTagPattern(match),
    digest: digest ?? false,
    ...(attestation === undefined ? {} : { attestation: attestation.workflow }),
  };
}
