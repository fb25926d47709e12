import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { chart } from "../setup/real-argocd/platform.ts";
import { startRealArgocd, type RealArgocd } from "../setup/real-argocd/start.ts";
import { people } from "../stage/people.ts";
import { platform, source } from "../stage/seed.ts";
import { openStage, type Stage } from "../stage/stage.ts";
import { opened, settled, until } from "../stage/watch.ts";

const { REAL_ARGOCD } = process.env;
const patience = { timeout: 1_200_000 };

/** Only when it is asked for: it builds Argo CD and Kubernetes, and takes their time. */
describe.skipIf(REAL_ARGOCD !== "1")("with a real Argo CD", patience, () => {
  let argocd: RealArgocd;
  let stage: Stage;
  beforeAll(async () => {
    argocd = await startRealArgocd();
    stage = await openStage({
      tenants: 2,
      withoutBot: true,
      files: () => chart,
      policy: { timeout: "5m" },
      env: { ARGOCD_URL: argocd.url, ARGOCD_TOKEN: argocd.token },
    });
    await argocd.follow(`${stage.github.git}/${platform}.git`);
    await stage.startBot();
    await settled({ stage }, ["dev", "staging", "prod"], stage.first.tag);
  }, patience.timeout);
  afterAll(async () => {
    await stage?.close();
    await argocd?.stop();
  }, 60_000);

  /** Who synced each revision of a tenant's application, oldest first. */
  async function history(name: string): Promise<readonly string[]> {
    const project = name.split("-").at(-1);
    const response = await fetch(`${argocd.url}/api/v1/applications/${name}?project=${project}`, {
      headers: { authorization: `Bearer ${argocd.token}` },
    });
    const { status } = (await response.json()) as {
      status: { history: { revisions: string[]; initiatedBy: { username?: string } }[] };
    };
    return status.history.map(
      ({ revisions, initiatedBy }) => `${revisions[0]} by ${initiatedBy.username ?? "Argo CD"}`,
    );
  }

  it("an image goes to prod and back, with one sync for each commit", async () => {
    const who = people(stage);
    const built = await stage.build("feat: say good morning");
    await settled({ stage }, ["dev", "staging"], built.tag);
    const { pull = 0 } = await opened({ stage }, "prod", built.tag);
    await who.comment("alice", pull, "/promote");
    await settled({ stage }, ["prod"], built.tag);
    const merge = (await who.pull(pull)).merge_commit_sha ?? "";
    const from = stage.events.length;
    const { sha: revert } = await who.revert("alice", pull);
    await settled({ stage }, ["prod"], stage.first.tag, from);
    for (const tenant of stage.tenants) {
      const [, ...own] = await history(`${tenant}-prod`);
      expect(own).toEqual([`${merge} by sluice`, `${revert} by sluice`]);
    }
  });

  it("an image that does not start stops in dev, and the check run says why", async () => {
    argocd.setPods([
      { match: stage.first.tag, outcome: "ready" },
      { match: ":sha-", outcome: "crashLoop" },
    ]);
    const built = await stage.build("feat: crash at once");
    const verdict = await until({ stage }, "a verdict on dev", () =>
      stage.events.find(
        (event) =>
          event.message === "rollout settled" && event.artifact?.includes(`:${built.tag}`) === true,
      ),
    );
    expect(verdict).toMatchObject({ environment: "dev", result: "failed" });
    const who = people(stage);
    const [run] = await until({ stage }, "the check run", async () => {
      const runs = await who.checks(platform, verdict.revision ?? "", "sluice/dev");
      return runs.some(({ status }) => status === "completed") && runs;
    });
    expect(run?.output.text).toContain("CrashLoopBackOff");
    const [mirrored] = await who.checks(source, built.revision, "sluice/dev");
    expect(mirrored?.conclusion).toBe("failure");
  });
});
