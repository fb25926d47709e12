import { setTimeout as pause } from "node:timers/promises";

import { expect } from "vitest";

import { platform } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

story(
  "a busy default branch leaves an open promotion and its approvals alone",
  {},
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    const { pull } = await told.opened("prod", built.tag);
    await told.idle();
    const { head } = await told.pull(pull);
    await told.review("alice", pull, "APPROVED");
    let commits = 0;
    const busy = new AbortController();
    const others = (async () => {
      while (!busy.signal.aborted) {
        commits += 1;
        await told.push("bob", { "NOTES.md": `note ${commits}\n` });
        await pause(100);
      }
    })();
    await told.waitFor("twenty foreign commits", () => commits >= 20);
    expect((await told.pull(pull)).head.sha).toBe(head.sha);

    // One of its files changes: it is rebuilt, once, while the branch goes on moving.
    const path = "gitops/tenants/tenant-b/prod.yaml";
    const text = (await told.file(path)).replace("replicaCount: 3", "replicaCount: 5");
    await told.push("carol", { [path]: text });
    const before = commits;
    await told.waitFor("ten more commits", () => commits >= before + 10);
    await told.waitFor(
      "the promotion to be rebuilt",
      async () => (await told.pull(pull)).head.sha !== head.sha,
    );
    busy.abort();
    await others;
    await told.idle();
    const rebuilt = await told.pull(pull);
    expect(rebuilt.merged_at).toBeNull();
    expect(rebuilt.head.ref).toBe("sluice/prod/demo-api/all");
    const moves = (await told.requests()).filter(
      ({ operation, path: where }) =>
        operation?.includes("updateRefs") === true && where === "/graphql",
    );
    // Two merged branches were deleted, and this one moved once.
    expect(moves).toHaveLength(3);
    const { parents } = await told.commit(rebuilt.head.sha);
    expect(parents).toHaveLength(1);

    await told.check(
      platform,
      rebuilt.head.sha,
      "sluice/gates",
      ({ conclusion }) => conclusion === "success",
    );
    await told.comment("mona", pull, "/promote");
    await told.settled(["prod"], built.tag);
    expect(await told.file(path)).toContain("replicaCount: 5");
  },
);
