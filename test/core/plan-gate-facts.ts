import type { Freeze } from "#core/freeze.ts";
import type { GatePolicy, LoadPolicy } from "#core/gate-policy.ts";
import type { LoadState } from "#core/load.ts";
import { weekdays } from "#core/window.ts";

import { before } from "../builders.ts";
import type { Oracle } from "../oracle.ts";
import { loadFigures } from "./load-figures.ts";

/** What the column `besides` says of gates that a policy writes, and of what they ask about. */
export type GateFacts = {
  /** By environment. */
  readonly gates: ReadonlyMap<string, readonly GatePolicy[]>;
  readonly freezes: readonly Freeze[];
  readonly oracle: Oracle;
};

const gateFact = /^(dev|staging|prod) (\S+)(?: (.*))?$/;

/** True for a fact that is said here. */
export function isGateFact(fact: string): boolean {
  return gateFact.test(fact) || /^(measured|driven|review|against|author) /.test(fact);
}

export function readGateFacts(facts: readonly string[]): GateFacts {
  const gates = new Map<string, GatePolicy[]>();
  const freezes: Freeze[] = [];
  const reviews: NonNullable<Oracle["reviews"]>[number][] = [];
  let oracle: Oracle = {};
  for (const fact of facts) {
    const [, environment = "", kind = "", rest = ""] = gateFact.exec(fact) ?? [];
    const [word = "", what = ""] = fact.split(" ");
    if (kind === "frozen" || kind === "freeze") freezes.push(freezeOf(environment, kind, rest));
    else if (kind !== "")
      gates.set(environment, [...(gates.get(environment) ?? []), gateOf(kind, rest)]);
    else if (word === "measured") oracle = { ...oracle, measure: () => measured(what) };
    else if (word === "driven") oracle = { ...oracle, load: driven(what) };
    else if (word === "review" || word === "against") {
      const state = word === "review" ? "approved" : "changes-requested";
      reviews.push({ by: what, byBot: false, state, head: "head-7", at: before(5) });
    } else if (fact === "author unknown") {
      oracle = { ...oracle, authors: { kind: "unknown", sentence: "Nobody knows." } };
    }
  }
  return { gates, freezes, oracle: { ...oracle, reviews } };
}

function gateOf(kind: string, rest: string): GatePolicy {
  const [first = "", second = ""] = rest.split(" ");
  const anybody = { teams: [], people: [] };
  switch (kind) {
    case "soak":
      return { kind, forMs: Number(first) * 60_000 };
    case "checks":
      return { kind, names: [first] };
    case "image":
      return { kind, match: new RegExp(`^${first}$`, "u"), digest: false };
    case "metric":
      return { kind, name: "m", query: "m", max: Number(first), min: null, over: "upstream" };
    case "load":
      return { ...load, max: { p95: Number(first) } };
    case "error-budget":
      return { kind, target: 0.99, windowMs: 86_400_000, query: "bad" };
    case "approvals":
      return { kind, count: Number(first), distinct: false, ...anybody };
    case "manual":
      return { kind, name: first, ...anybody };
    case "window": {
      const [from = "", to = ""] = (second === "" ? first : second).split("-");
      const effect = first === "deny" ? "deny" : "allow";
      return { kind, windows: [{ effect, from, to, days: weekdays, timezone: "UTC" }] };
    }
    default:
      throw new Error(`not understood: ${kind} ${rest}`);
  }
}

function freezeOf(environment: string, kind: "frozen" | "freeze", minutes: string): Freeze {
  const strict = minutes.startsWith("strictly");
  const common = { environment, reason: "peak", by: "dana", strict };
  if (kind === "freeze")
    return { ...common, from: before(-Number(minutes.replace("in ", ""))), until: null };
  const rest = minutes.replace(/^strictly ?/, "");
  const until = rest === "" ? null : before(-Number(rest));
  return { ...common, from: before(60), until };
}

const load: LoadPolicy = {
  kind: "load",
  durationMs: 30_000,
  warmUpMs: 0,
  connections: 10,
  paths: ["/"],
  max: {},
  min: {},
};

function driven(text: string): LoadState {
  if (text === "now") return { kind: "running" };
  const figures = { ...loadFigures, p95: Number(text) };
  return {
    kind: "done",
    record: {
      key: "",
      environment: "staging",
      tenant: "a",
      attempt: 1,
      at: "2026-03-02T11:00:00.000Z",
      figures,
    },
  };
}

function measured(text: string) {
  if (text !== "nothing") return { kind: "value", value: Number(text) } as const;
  return { kind: "nothing", reason: "no-data", sentence: "None.", remedy: "Look." } as const;
}
