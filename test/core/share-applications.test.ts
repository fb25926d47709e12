import { expect, it } from "vitest";

import type { OpenPromotion, StreamState } from "#core/plan-types.ts";

import {
  aPlanInput,
  aPolicy,
  aService,
  aStreamState,
  aTarget,
  aTargetState,
  aVerdict,
  anArtifact,
  anOpenPromotion,
} from "../builders.ts";
import { solve } from "../oracle.ts";
import { showPlan } from "./plan-situation.ts";

const services = ["api", "web"].map((name) => aService({ name, image: `ghcr.io/acme/${name}` }));

/** Both services of tenants a and b in dev, each holding v1; `web` in an application of its own where asked. */
function plan(options: {
  readonly apart?: boolean;
  readonly rollingOut?: readonly string[];
  readonly open?: Readonly<Record<string, number>>;
}) {
  const streams = services.map(({ name, image }): StreamState => {
    const artifact = anArtifact("v1", { repository: image });
    const own = options.apart === true ? { application: `${name}-dev` } : {};
    const targets = ["a", "b"].map((tenant) =>
      aTargetState(aTarget(tenant, { service: name, ...own }), artifact),
    );
    const number = options.open?.[name];
    const open: OpenPromotion | null =
      number === undefined
        ? null
        : anOpenPromotion(anArtifact("v2", { repository: image }), { number });
    const verdicts = options.rollingOut?.includes(name) === true ? [] : [aVerdict(artifact)];
    return aStreamState({ environment: "dev", service: name, ring: "all" }, targets, {
      verdicts,
      open,
    });
  });
  const candidates = new Map(
    services.map(({ name, image }) => [name, [anArtifact("v2", { repository: image })]]),
  );
  const input = aPlanInput(streams, { policy: aPolicy({ services }), candidates });
  return solve(input).plan.streams.map((stream) => `${stream.stream.service}: ${showPlan(stream)}`);
}

it.for([
  ["both ready", {}, ["api: merge v2 → a b", "web: waiting v2 → a b"]],
  [
    "the older pull request first",
    { open: { api: 9, web: 8 } },
    ["api: waiting v2 → a b", "web: merge v2 → a b"],
  ],
  [
    "one opened, one not yet",
    { open: { web: 8 } },
    ["api: waiting v2 → a b", "web: merge v2 → a b"],
  ],
  [
    "the other one rolls out",
    { rollingOut: ["web"] },
    ["api: waiting v2 → a b", "web: waiting v2 → a b, roll out v1"],
  ],
  ["in applications of their own", { apart: true }, ["api: merge v2 → a b", "web: merge v2 → a b"]],
  [
    "in applications of their own, one rolls out",
    { apart: true, rollingOut: ["web"] },
    ["api: merge v2 → a b", "web: waiting v2 → a b, roll out v1"],
  ],
] as const)("%s", ([, options, expected]) => {
  expect(plan(options)).toEqual(expected);
});
