import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect } from "vitest";

import { aSigstore, ciIdentity } from "../adapters/sigstore/a-sigstore.ts";
import { demoPolicy } from "../stage/seed.ts";
import { story } from "../stage/story.ts";

const sigstore = aSigstore();
const directory = mkdtempSync(join(tmpdir(), "sluice-root-"));
const root = join(directory, "trusted-root.json");
writeFileSync(root, sigstore.root);
afterAll(() => rmSync(directory, { recursive: true }));

story(
  "an image goes on once its own workflow has attested it, and nobody else's word counts",
  {
    policy: demoPolicy({ prodMerge: "auto", timeout: "30m" }).replace(
      "- soak: 3s",
      "- soak: 3s\n      - image: { attestation: { workflow: .github/workflows/ci.yml } }",
    ),
    env: { SIGSTORE_TRUSTED_ROOT: root },
  },
  async (told) => {
    const { stage } = told;
    const { tag, digest } = await stage.build("feat: greet louder");
    const attest = (bundle: object) =>
      stage.githubControl.post("attest", { repository: "acme/demo-api", digest, bundle });
    const { pull } = await told.opened("prod", tag);
    const gates = async (title: string) => {
      const { head } = await told.pull(pull);
      return told.check("acme/platform", head.sha, "sluice/gates", ({ output }) =>
        output.title.includes(title),
      );
    };
    const waits = await gates("Nobody has attested where");
    expect(waits.conclusion).toBeNull();

    await attest(aSigstore().attest({ digest }));
    const refused = await gates("The attestation that GitHub keeps is not valid");
    expect(refused.conclusion).toBe("failure");
    const identity = ciIdentity.replace("ci.yml", "test.yml");
    await attest(sigstore.attest({ digest, identity }));
    await gates("The attestation");
    expect((await told.pull(pull)).merged_at).toBeNull();

    await attest(sigstore.attest({ digest }));
    await told.settled(["prod"], tag);
  },
);
