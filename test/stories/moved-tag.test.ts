import { expect } from "vitest";

import { publish } from "../stage/build.ts";
import { platform } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

story(
  "a tag that moves is noticed also where no file pins the digest, and outlives the memory",
  { policy: { digest: false }, needsRedis: true },
  async (told) => {
    const { stage } = told;
    const built = await stage.build("feat: greet louder");
    await told.settled(["dev", "staging"], built.tag);
    const prod = await told.opened("prod", built.tag);

    // The promotion, its check run and Argo CD's operation carry one id, although the file holds the tag alone.
    const [dev] = await told.promotions("dev");
    const { commit } = await told.commit(dev?.merge_commit_sha ?? "");
    const id = /Sluice-Promotion: (\S+)/.exec(commit.message)?.[1] ?? "none";
    const [run] = await told.checks(platform, dev?.merge_commit_sha ?? "", "sluice/dev");
    expect(run?.external_id).toBe(`${id}:1`);

    const moved = await publish(stage.githubControl, built.revision, { tag: built.tag });
    expect(moved.digest).not.toBe(built.digest);
    const { head } = await told.pull(prod.pull);
    const refused = ({ conclusion }: { conclusion: string | null }): boolean =>
      conclusion === "failure";
    const gates = await told.check(platform, head.sha, "sluice/gates", refused);
    expect(gates.output.title).toContain(`The tag ${built.tag} was promoted as ${built.digest}`);

    await told.redis.command("FLUSHALL");
    await stage.bot.kill();
    await stage.bot.start();
    await told.idle();
    const { id: comment } = await told.comment("mona", prod.pull, "/promote");
    await told.reaction(comment, "rocket");
    await told.idle();
    expect((await told.pull(prod.pull)).merged_at).toBeNull();
  },
);
