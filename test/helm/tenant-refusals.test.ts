import { describe, expect, inject, it } from "vitest";

import { leastValues, renderTenant } from "./tenant-releases.ts";

const { helm } = inject("tools");

async function refusal(environment: string, set: Readonly<Record<string, unknown>>) {
  try {
    await renderTenant(helm ?? "", environment, set);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("it was rendered");
}

function image(more: object) {
  return { image: { ...leastValues.image, ...more } };
}

describe.skipIf(helm === null)("a values file is refused with what to write instead", () => {
  it.for([
    [
      "the tag latest",
      image({ tag: "latest" }),
      /image\.tag is "latest".* write the tag of one build, as in image\.tag: sha-1a2b3c4/,
    ],
    ["no tag", image({ tag: null }), /image\.tag is "": write the tag of one build/],
    ["a moving tag", image({ tag: "main" }), /image\.tag is "main": write the tag of one build/],
    [
      "no digest",
      image({ digest: null }),
      /image\.digest is "": write the digest that the registry shows/,
    ],
    [
      "a short digest",
      image({ digest: "sha256:12ab" }),
      /image\.digest is "sha256:12ab": write the digest/,
    ],
    [
      "a tag in the repository",
      image({ repository: "ghcr.io/acme/tenant-service:latest" }),
      /image\.repository is .*: write it without tag and digest/,
    ],
    [
      "a missing limit",
      { resources: { limits: { memory: "" } } },
      /resources\.limits\.memory is missing: write how much, as in resources\.limits\.memory: 256Mi/,
    ],
    [
      "a limit taken away",
      { resources: { limits: { memory: null } } },
      /resources\.limits\.memory is missing: write how much/,
    ],
    [
      "limits taken away in the table",
      { environments: { prod: { resources: { limits: null } } } },
      /resources\.limits\.cpu is missing[^]*resources\.limits\.memory is missing/,
    ],
    [
      "a limit above the most",
      { resources: { limits: { cpu: "2" } } },
      /resources\.limits\.cpu is 2: write at most 500m/,
    ],
    [
      "memory above the most",
      { resources: { limits: { memory: "1Gi" } } },
      /resources\.limits\.memory is 1Gi: write at most 512Mi/,
    ],
    [
      "a limit below the request",
      { resources: { limits: { memory: "64Mi" } } },
      /resources\.limits\.memory is 64Mi, less than the 256Mi that are requested/,
    ],
    [
      "a quantity that is none",
      { resources: { requests: { memory: "lots" } } },
      /resources\.requests\.memory is "lots": write it as in 256Mi/,
    ],
    ["no tenant", { tenant: "" }, /tenant is "": write a name of lower-case letters/],
    ["no team", { team: "Pay Ments" }, /team is "Pay Ments": write a name .*as in team: payments/],
    [
      "replicas beside the autoscaler",
      { replicas: 4 },
      /replicas is 4, but here the autoscaler decides: write autoscaling\.minReplicas/,
    ],
    [
      "an autoscaler that cannot scale",
      { autoscaling: { minReplicas: 8 } },
      /autoscaling goes from 8 to 6 replicas.*: write minReplicas/,
    ],
    [
      "a setting of the chart's own",
      { config: { READINESS_DELAY_SEC: "1" } },
      /config\.READINESS_DELAY_SEC is set by the chart: remove it here and write readinessDelaySeconds/,
    ],
    [
      "a secret in the open",
      { config: { GREETING: "Hej" } },
      /config\.GREETING would be readable .*: put it into the store of secrets/,
    ],
    ["a key left empty", { loadGate: null }, /missing property 'loadGate'/],
    [
      "a key below left empty",
      image({ repository: null }),
      /\/image.*missing property 'repository'/,
    ],
    ["an unknown key", { replicaCount: 2 }, /'replicaCount' not allowed[^]*one of .*'replicas'/],
    [
      "an unknown key below",
      { autoscaling: { max: 2 } },
      /\/autoscaling[^]*'max' not allowed[^]*one of .*'maxReplicas'/,
    ],
    [
      "an unknown environment below",
      { environments: { production: {} } },
      /production[^]*one of .*'prod'/,
    ],
    [
      "a number where text belongs",
      { config: { FAIL_RATE: 0.5 } },
      /\/config\/FAIL_RATE.*want string/,
    ],
  ] as const)("%s", async ([, set, sentence]) => {
    expect(await refusal("prod", set)).toMatch(sentence);
  });

  it("an environment that there is not", async () => {
    expect(await refusal("production", {})).toMatch(
      /environment is "production": write one of dev, prod, staging/,
    );
  });

  it("a namespace of another tenant", async () => {
    expect(await refusal("prod", { tenant: "tenant-y" })).toMatch(
      /the namespace is "tenant-x-prod", but these values belong to "tenant-y-prod"/,
    );
  });

  it("but not for settings that are commented out under their key", async () => {
    expect(await renderTenant(helm ?? "", "prod", { config: null })).not.toEqual([]);
  });

  it("everything that is wrong at once", async () => {
    const text = await refusal("prod", { ...image({ tag: "latest", digest: "" }), replicas: 4 });
    expect(text.match(/^ *- .*$/gm)).toHaveLength(3);
  });
});

describe.skipIf(helm === null)("the vertical autoscaler", () => {
  const vertical = (mode: string) => ({ verticalAutoscaler: { enabled: true, mode } });

  it.for([
    ["prod", vertical("Auto")],
    ["prod", vertical("Recreate")],
    [
      "dev",
      {
        ...vertical("Auto"),
        autoscaling: { enabled: true, minReplicas: 1, maxReplicas: 2, cpuPercent: 70 },
      },
    ],
  ] as const)(
    "is refused by the schema beside the horizontal one in %s",
    async ([environment, set]) => {
      expect(await refusal(environment, set)).toMatch(
        /specifications of the schema[^]*\/verticalAutoscaler\/mode': value must be one of 'Off', 'Initial'/,
      );
    },
  );

  it.for([
    ["prod", vertical("Off"), "Off"],
    ["prod", vertical("Initial"), "Initial"],
    ["dev", vertical("Auto"), "Auto"],
    ["prod", { ...vertical("Auto"), autoscaling: { enabled: false } }, "Auto"],
  ] as const)("is there in %s with %j", async ([environment, set, mode]) => {
    const objects = await renderTenant(helm ?? "", environment, set);
    // No package has its schema; it is written out instead.
    expect(objects.find(({ kind }) => kind === "VerticalPodAutoscaler")).toMatchObject({
      apiVersion: "autoscaling.k8s.io/v1",
      spec: {
        targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "tenant-service" },
        updatePolicy: { updateMode: mode },
        resourcePolicy: {
          containerPolicies: [
            { containerName: "service", maxAllowed: { cpu: "500m", memory: "512Mi" } },
          ],
        },
      },
    });
  });
});
