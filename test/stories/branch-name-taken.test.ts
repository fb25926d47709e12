import { expect } from "vitest";

import { platform, source } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

story(
  "a branch whose name is in the way stops its streams alone, and is said",
  {},
  async (told) => {
    const { stage } = told;
    const branch = "sluice/staging";
    await told.push("bob", { "NOTES.md": "mine\n" }, { branch });
    const built = await stage.build("feat: greet louder");
    await told.settled(["dev"], built.tag);
    const run = await told.check(
      source,
      built.revision,
      "sluice/staging",
      ({ conclusion }) => conclusion === "action_required",
    );
    expect(run.output.summary).toContain("GitHub does not let the branch");
    await told.idle();
    expect(await told.pulls()).toHaveLength(1);

    const gone = await fetch(`${stage.github.url}/repos/${platform}/git/refs/heads/${branch}`, {
      method: "DELETE",
      headers: { authorization: "Bearer ghp_alice" },
    });
    expect(gone.status).toBe(204);
    await told.settled(["staging"], built.tag);
    const taken = await told.check(
      source,
      built.revision,
      "sluice/staging",
      ({ external_id: id }) => id === run.external_id,
    );
    expect(taken.conclusion).toBe("neutral");
  },
);
