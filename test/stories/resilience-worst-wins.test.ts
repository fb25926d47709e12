import { expect } from "vitest";

import { demoPolicy, environments, source } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

const web = "ghcr.io/acme/demo-web";

/** A second service of the same source, for which Argo CD has no applications: it can never be healthy. */
function withWeb(): string {
  const policy = demoPolicy({ timeout: "60m", prodMerge: "auto" });
  const api = policy.slice(policy.indexOf("  demo-api:"), policy.indexOf("environments:"));
  const second = api
    .replaceAll("demo-api:", "demo-web:")
    .replace("ghcr.io/acme/demo-api", web)
    .replace("gitops/tenants/", "gitops/web/")
    .replace("{tenant}-{environment}", "web-{tenant}-{environment}");
  return policy.replace("environments:", `${second.trimEnd()}\n\nenvironments:`);
}

story(
  "the worst of all services still stands on the source commit after everything was forgotten",
  {
    needsRedis: true,
    env: { SLUICE_SWEEP_INTERVAL: "10s" },
    policy: withWeb(),
    files: ({ first, tenants }) =>
      Object.fromEntries(
        tenants.flatMap((tenant) =>
          environments.map((environment) => [
            `gitops/web/${tenant}/${environment}.yaml`,
            `image:\n  tag: ${first.tag}\n  digest: "${first.digest}"\n`,
          ]),
        ),
      ),
  },
  async (told) => {
    const { revision } = told.stage.first;
    const both = (summary: string) =>
      ["demo-api", "demo-web"].every((name) => summary.includes(name));
    const before = await told.check(
      source,
      revision,
      "sluice/dev",
      ({ output, conclusion }) =>
        conclusion === "action_required" &&
        both(output.summary) &&
        output.summary.includes("healthy for all"),
    );
    await told.redis.command("FLUSHALL");
    const from = told.stage.pace.now().getTime();
    await told.waitFor(
      "the bot to have looked again",
      () => told.stage.pace.now().getTime() - from > 60_000,
    );
    const [after] = await told.checks(source, revision, "sluice/dev");
    expect(after?.conclusion).toBe("action_required");
    expect(after?.output.summary).toBe(before.output.summary);
  },
);
