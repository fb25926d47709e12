import { expect } from "vitest";

import { platform, source } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

story(
  "a person's commit on the promotion's branch makes it theirs",
  { policy: { prodMerge: "auto", prodSoak: "1m" } },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    const branch = "sluice/prod/demo-api/all";
    const theirs = await told.push("bob", { "NOTES.md": "one more thing\n" }, { branch });
    const run = await told.check(
      platform,
      theirs.sha,
      "sluice/gates",
      ({ conclusion }) => conclusion === "action_required",
    );
    expect(run.output.title).toContain("Somebody else's commit is on the branch");

    // Neither a newer artifact nor a change below it, nor the end of the soak, moves it.
    const path = "gitops/tenants/tenant-a/prod.yaml";
    await told.push("alice", { [path]: `${await told.file(path)}# changed\n` });
    const newer = await stage.build("feat: newer");
    await told.settled(["dev", "staging"], newer.tag);
    await told.idle();
    const now = await told.pull(pull);
    expect([now.head.sha, now.state, now.merged_at]).toEqual([theirs.sha, "open", null]);
    expect((await told.promotions("prod")).length).toBe(1);
  },
);

story("what Sluice closes takes nobody's commits with it", {}, async (told) => {
  const { stage } = told;
  const built = await stage.build("feat: greet louder");
  const { pull } = await told.opened("prod", built.tag);
  const branch = "sluice/prod/demo-api/all";
  const theirs = await told.push("bob", { "NOTES.md": "one more thing\n" }, { branch });
  await told.idle();
  const policy = await told.file(".github/sluice.yaml");
  const withoutProd = policy.slice(0, policy.indexOf("  - name: prod"));
  await told.push("alice", { ".github/sluice.yaml": withoutProd });
  await told.answer(pull, "Its branch stays");
  await told.waitFor("it to be closed", async () => (await told.pull(pull)).state === "closed");
  await told.idle();
  expect(await told.head(branch)).toBe(theirs.sha);
});

story("a branch that is in the way is not overwritten", {}, async (told) => {
  const { stage } = told;
  const branch = "sluice/dev/demo-api/all";
  const theirs = await told.push("bob", { "NOTES.md": "mine\n" }, { branch });
  const built = await stage.build("feat: greet louder");
  const run = await told.check(
    source,
    built.revision,
    "sluice/dev",
    ({ conclusion }) => conclusion === "action_required",
  );
  expect(run.output.summary).toContain(
    `The branch ${branch} holds commits that Sluice did not make`.slice(0, 20),
  );
  await told.idle();
  expect(await told.head(branch)).toBe(theirs.sha);
  expect(await told.pulls()).toEqual([]);

  await told.push("bob", { "README.md": "# Out of the way\n" }, { branch: "mine" });
  await deleteBranch(stage.github.url, branch);
  await told.settled(["dev"], built.tag);
});

async function deleteBranch(url: string, branch: string): Promise<void> {
  const response = await fetch(`${url}/repos/${platform}/git/refs/heads/${branch}`, {
    method: "DELETE",
    headers: { authorization: "Bearer ghp_alice" },
  });
  expect(response.status).toBe(204);
}
