import { expect } from "vitest";

import { demoPolicy, image, source } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

const worker = "ghcr.io/acme/demo-worker";
const workerSource = "acme/demo-worker";

/** A second service in the same values files and the same applications. */
function twoServices(): string {
  const policy = demoPolicy({ soak: "1s", prodSoak: "1s", timeout: "30m", prodMerge: "auto" });
  const start = policy.indexOf("  demo-api:");
  const api = policy.slice(start, policy.indexOf("environments:"));
  const more = api
    .replaceAll("demo-api", "demo-worker")
    .replace("image.tag", "worker.tag")
    .replace("image.digest", "worker.digest");
  return policy.replace(
    "environments:",
    `${more.trimEnd().replace(/^ {2}/, "  ")}\n\nenvironments:`,
  );
}

story(
  "two services in one values file and one application lose neither change",
  {
    policy: twoServices(),
    sources: ["demo-worker"],
    fromTheStart: true,
    apps: {
      pattern: "gitops/tenants/{tenant}/{environment}.yaml",
      name: "{tenant}-{environment}",
      project: "{environment}",
      automated: { dev: true, staging: true, prod: false },
      workloads: [
        { name: "api", image: { repositoryKey: "image.repository", tagKey: "image.tag" } },
        { name: "worker", image: { repositoryKey: "worker.repository", tagKey: "worker.tag" } },
      ],
    },
    files: async ({ first, tenants, build }) => {
      const other = await build("feat: work", { repository: workerSource, image: worker });
      return Object.fromEntries(
        tenants.flatMap((tenant) =>
          ["dev", "staging", "prod"].map((environment) => [
            `gitops/tenants/${tenant}/${environment}.yaml`,
            [
              `image: { repository: ${image}, tag: ${first.tag}, digest: "${first.digest}" }`,
              `worker: { repository: ${worker}, tag: ${other.tag}, digest: "${other.digest}" }`,
              "",
            ].join("\n"),
          ]),
        ),
      );
    },
  },
  async (told) => {
    const { stage } = told;
    await told.settled(["dev", "staging", "prod"], stage.first.tag);
    const [api, work] = await Promise.all([
      stage.build("feat: greet louder", { repository: source }),
      stage.build("feat: work harder", { repository: workerSource, image: worker }),
    ]);
    await told.settled(["dev", "staging", "prod"], api.tag);
    await told.settled(["dev", "staging", "prod"], work.tag);
    for (const environment of ["dev", "staging", "prod"])
      for (const tenant of stage.tenants) {
        const text = await told.file(`gitops/tenants/${tenant}/${environment}.yaml`);
        expect(text).toContain(`tag: ${api.tag}, digest: "${api.digest}"`);
        expect(text).toContain(`tag: ${work.tag}, digest: "${work.digest}"`);
      }
    expect((await told.promotions("prod", "demo-api")).length).toBe(1);
    expect((await told.promotions("prod", "demo-worker")).length).toBe(1);
  },
);
