import { expect, it } from "vitest";

import type { CodeHost } from "#ports/code-host.ts";

import { redactOutgoing } from "../bot/redact-outgoing.ts";

it("takes secrets out of everything that people read on GitHub", async () => {
  const written: unknown[] = [];
  const write =
    (name: string) =>
    async (...given: readonly unknown[]): Promise<void> =>
      Promise.resolve(void written.push([name, ...given]));
  const recorder = {
    installation: () => ({
      repository: () => ({
        openPullRequest: write("open"),
        editPullRequest: write("edit"),
      }),
      checkRuns: () => ({ report: write("report") }),
      conversation: () => ({ stick: write("stick"), reply: write("reply") }),
    }),
  } as unknown as CodeHost;
  const redact = (text: string) => text.replaceAll("s3cr3t", "[redacted]");
  const installation = redactOutgoing(recorder, redact).installation(1);
  const repository = installation.repository("acme/platform");
  const said = "a s3cr3t";
  await repository.openPullRequest({ head: "h", base: "b", title: said, body: said });
  await repository.editPullRequest(1, { title: said, body: said });
  await repository.editPullRequest(2, { state: "closed" });
  const annotations = [{ path: "p", line: 1, level: "notice", message: said }] as const;
  const texts = { title: said, summary: said, text: said, annotations };
  const state = { status: "completed", conclusion: "success" } as const;
  const about = { revision: "r", name: "sluice/dev", externalId: "e" };
  await installation.checkRuns("acme/platform").report({ ...about, ...state, ...texts });
  await installation.conversation("acme/platform").stick(1, "marker", said);
  await installation.conversation("acme/platform").reply(1, "marker", said);

  expect(JSON.stringify(written)).not.toContain("s3cr3t");
  expect(JSON.stringify(written).match(/\[redacted\]/g)?.length).toBe(10);
  expect(written).toContainEqual(["edit", 2, { state: "closed" }]);
});
