import { expect } from "vitest";

import { demoPolicy, platform } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

const application = (tenant: string, environment: string) => ({
  name: `${tenant}-${environment}`,
  project: environment,
  automated: environment !== "prod",
  valueFiles: [`gitops/tenants/${tenant}/${environment}.yaml`],
  tenant,
  environment,
});

story(
  "an application that Argo CD does not know is said, and never success",
  {
    fromTheStart: true,
    apps: ["tenant-a", "tenant-b"]
      .flatMap((tenant) => ["dev", "staging", "prod"].map((name) => application(tenant, name)))
      .filter(({ name }) => name !== "tenant-b-dev"),
  },
  async (told) => {
    const { stage } = told;
    await told.settled(["staging", "prod"], stage.first.tag);
    const run = await told.check(platform, await told.head(), "sluice/dev", ({ output }) =>
      (output.text ?? "").includes("There is no application tenant-b-dev"),
    );
    expect(run.conclusion).not.toBe("success");
    expect(told.lines("rollout settled").map(({ environment }) => environment)).not.toContain(
      "dev",
    );

    // It is made at last; Sluice has not given up.
    await stage.argocdControl.post("apps", { app: application("tenant-b", "dev") });
    await told.settled(["dev"], stage.first.tag);
  },
);

story(
  "an Argo CD that cannot be reached is said, waited for, and lost nothing",
  {},
  async (told) => {
    const { stage } = told;
    await stage.argocdControl.post("faults", {
      rules: [
        {
          kind: "http",
          path: "^/api/v1/(stream/)?applications",
          effect: { type: "status", status: 503, message: "no upstream" },
        },
      ],
    });
    const built = await stage.build("feat: greet louder");
    const { pull } = await told.opened("dev", built.tag);
    const merge = await told.waitFor("dev to be merged", async () => {
      // An open pull request names the commit of a trial merge there.
      const { merged_at: at, merge_commit_sha: sha } = await told.pull(pull);
      return at === null ? null : sha;
    });
    const run = await told.check(platform, merge, "sluice/dev", ({ output }) =>
      output.summary.includes("Not up to date"),
    );
    expect(run.status).toBe("in_progress");
    await stage.argocdControl.post("faults", { rules: [] });
    await told.settled(["dev", "staging"], built.tag);
  },
);

story("a closed sync window is respected and said", {}, async (told) => {
  const { stage } = told;
  const window = { kind: "deny", projects: ["prod"], applications: ["*"], manualSync: false };
  await stage.argocdControl.post("sync-windows", { windows: [window] });
  const built = await stage.build("feat: greet louder");
  const { pull } = await told.opened("prod", built.tag);
  const { sha } = await told.merge("alice", pull);
  const run = await told.check(platform, sha, "sluice/prod", ({ output }) =>
    /window/.test(output.text ?? ""),
  );
  expect(run.conclusion).not.toBe("success");
  await told.running("prod", stage.first.tag);
  await stage.argocdControl.post("sync-windows", { windows: [] });
  await told.settled(["prod"], built.tag);
});

story(
  "an environment without an Argo CD opens promotions and never merges them",
  {
    fromTheStart: true,
    policy: demoPolicy({ soak: "1s", prodSoak: "1s", prodMerge: "auto" }).replace(
      "  - name: prod\n",
      "  - name: prod\n    argocd: far-away\n",
    ),
  },
  async (told) => {
    const { stage } = told;
    await told.settled(["dev", "staging"], stage.first.tag);
    const built = await stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    const { head } = await told.pull(pull);
    const run = await told.check(
      platform,
      head.sha,
      "sluice/gates",
      ({ conclusion }) => conclusion === "failure",
    );
    expect(run.output.summary).toContain("ARGOCD\\_URL\\_\\_FAR\\_AWAY");
    await told.waitFor("every soak to be over", () => true);
    await told.idle().catch(() => undefined);
    expect((await told.pull(pull)).merged_at).toBeNull();
  },
);
