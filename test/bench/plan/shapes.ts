import type { Artifact } from "#core/artifact.ts";
import type { Answer, PlanInput, Question, StreamState } from "#core/plan-types.ts";
import { questionKey } from "#core/plan-types.ts";
import { makePlan } from "#core/plan.ts";
import type { Policy } from "#core/policy.ts";

import {
  aPlanInput,
  aPolicy,
  aRing,
  aService,
  aStream,
  aStreamState,
  aTarget,
  aTargetState,
  aVerdict,
  anArtifact,
  anEnvironment,
} from "../../builders.ts";

/** A situation of 10,000 targets. */
export type Shape = { readonly name: string; readonly input: PlanInput };

type Wanted = {
  readonly services: number;
  readonly tenants: number;
  readonly rings?: number;
  /** Environments; default 3. */
  readonly environments?: number;
  /** Versions that the targets hold, evenly spread. */
  readonly held?: number;
  /** Versions beyond these that were published. */
  readonly published?: number;
};

export const shapes: readonly Shape[] = [
  shape("1 service × 3,334 tenants × 3, all up to date", { services: 1, tenants: 3_334 }),
  shape("the same, one new artifact", { services: 1, tenants: 3_334, published: 1 }),
  shape("the same, every target on one of 20, 20 new", {
    services: 1,
    tenants: 3_334,
    held: 20,
    published: 20,
  }),
  shape("10 services × 334 tenants × 3, 20 new each", {
    services: 10,
    tenants: 334,
    published: 20,
  }),
  shape("100 services × 34 tenants × 3, 5 new each", { services: 100, tenants: 34, published: 5 }),
  shape("1 service × 3,334 tenants × 3 in 20 rings, 5 new", {
    services: 1,
    tenants: 3_334,
    rings: 20,
    published: 5,
  }),
  shape("1,000 streams: 50 services × 50 tenants × 4 in 5 rings, 3 new each", {
    services: 50,
    tenants: 50,
    environments: 4,
    rings: 5,
    published: 3,
  }),
];

export function targetsIn({ input }: Shape): number {
  return input.streams.reduce((sum, { targets }) => sum + targets.length, 0);
}

function shape(name: string, wanted: Wanted): Shape {
  const { services, tenants, rings = 1, held = 1, published = 0, environments = 3 } = wanted;
  const names = ["dev", "test", "staging", "prod"].filter(
    (name) => environments > 3 || name !== "test",
  );
  const policy = policyOf(services, rings, names);
  const streams = policy.environments.flatMap((environment) =>
    policy.services.flatMap((service) =>
      environment.rings.map((ring, index) =>
        streamOf(
          { environment: environment.name, service: service.name, ring: ring.name },
          { tenants: share(tenants, rings, index), held },
        ),
      ),
    ),
  );
  const candidates = policy.services.map(({ name: service }): [string, Artifact[]] => [
    service,
    Array.from({ length: published }, (_, index) => version(service, held + index)),
  ]);
  const input = aPlanInput(streams, { policy, candidates: new Map(candidates) });
  return { name, input: answered(input) };
}

function policyOf(services: number, rings: number, environments: readonly string[]): Policy {
  return aPolicy({
    services: Array.from({ length: services }, (_, index) => {
      const name = `service-${index}`;
      return aService({ name, image: `ghcr.io/acme/${name}` });
    }),
    environments: environments.map((name) =>
      anEnvironment(name, {
        gates: name === "dev" ? [] : [{ kind: "soak", forMs: 600_000 }],
        rings: Array.from({ length: rings }, (_, index) =>
          aRing(rings === 1 ? "all" : `ring-${index}`),
        ),
      }),
    ),
  });
}

function share(tenants: number, rings: number, ring: number): readonly string[] {
  return Array.from({ length: tenants }, (_, index) => `tenant-${index}`).filter(
    (_, index) => index % rings === ring,
  );
}

function streamOf(
  place: { environment: string; service: string; ring: string },
  { tenants, held }: { tenants: readonly string[]; held: number },
): StreamState {
  const stream = aStream(place);
  const file = (tenant: string) => `tenants/${tenant}/${stream.environment}.yaml`;
  const targets = tenants.map((tenant, index) =>
    aTargetState(
      aTarget(tenant, {
        ...stream,
        file: file(tenant),
        application: `${tenant}-${stream.environment}-${stream.service}`,
      }),
      version(stream.service, index % held),
    ),
  );
  const verdicts = Array.from({ length: held }, (_, index) =>
    aVerdict(version(stream.service, index), {
      tenants: tenants.filter((_tenant, place_) => place_ % held === index),
    }),
  );
  return aStreamState(stream, targets, { verdicts });
}

function version(service: string, number: number): Artifact {
  return anArtifact(`v${number}`, { repository: `ghcr.io/acme/${service}` });
}

/** With the answers to everything that the plan asks, so that one pass plans it whole. */
function answered(input: PlanInput): PlanInput {
  const answers = new Map<string, Answer>();
  for (let pass = 0; pass < 20; pass += 1) {
    const { questions } = makePlan({ ...input, answers });
    if (questions.length === 0) return { ...input, answers };
    for (const question of questions) answers.set(questionKey(question), answerTo(question));
  }
  throw new Error("the plan went on asking");
}

function answerTo(question: Question): Answer {
  switch (question.kind) {
    case "order": {
      const [from, to] = [question.from, question.to].map(({ tag }) => Number(tag.slice(1)));
      const difference = (to ?? 0) - (from ?? 0);
      const relation = difference > 0 ? "newer" : difference < 0 ? "older" : "same";
      return { kind: "order", order: { relation } };
    }
    case "eligible":
      return { kind: "eligible", eligibility: { kind: "eligible" } };
    case "checks":
      return { kind: "checks", checks: [] };
    case "reviews":
      return { kind: "reviews", reviews: [] };
    case "authors":
      return { kind: "authors", authors: { kind: "none" } };
    case "approver":
      return { kind: "approver", standing: { kind: "may" } };
    case "attestation":
      return { kind: "attestation", attestation: { kind: "attested" } };
    case "load":
      return { kind: "load", load: { kind: "running" } };
    case "metric":
      return { kind: "metric", measurement: { kind: "value", value: 0 } };
    case "health":
      return { kind: "health", health: { kind: "healthy" } };
  }
}
