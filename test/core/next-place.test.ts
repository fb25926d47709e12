import { expect, it } from "vitest";

import { nextPlace } from "#core/next-place.ts";

import { aPolicy, aRing, aStream, anEnvironment } from "../builders.ts";

const policy = aPolicy({
  environments: [
    anEnvironment("dev"),
    anEnvironment("staging", { rings: [aRing("early"), aRing("late")] }),
    anEnvironment("prod", { rings: [aRing("canary"), aRing("rest")] }),
  ],
});

it.for([
  ["dev/all", "staging/null"],
  ["staging/early", "staging/late"],
  ["staging/late", "prod/null"],
  ["prod/canary", "prod/rest"],
  ["prod/rest", null],
  // A ring that the policy has no more leads on to the next environment, an environment nowhere.
  ["staging/gone", "prod/null"],
  ["gone/all", null],
] as const)("after %s comes %s", ([from, expected]) => {
  const [environment = "", ring = ""] = from.split("/");
  const next = nextPlace(policy, aStream({ environment, ring }));
  expect(next === null ? null : `${next.environment}/${next.ring}`).toBe(expected);
});
