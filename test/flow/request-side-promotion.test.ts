import { afterEach, expect, it } from "vitest";

import { formatArtifact } from "#core/artifact.ts";
import { requestSidePromotion, type SideRequest } from "#flow/request-side-promotion.ts";

import { demoPolicy, image, valuesFiles } from "../stage/seed.ts";
import { aPlatform } from "./a-platform.ts";

const artifact = (tag: string) => ({ repository: image, tag, digest: null, revision: null });

let platform: Awaited<ReturnType<typeof aPlatform>>;
afterEach(async () => platform.close());

it("a rollback that was decided leaves out who holds something else by now", async () => {
  const policy = demoPolicy({ digest: false });
  const files = { ".github/sluice.yaml": policy, ...valuesFiles(["a"], "1.2.0", "") };
  platform = await aPlatform({ policy, seed: { files } });
  const context = await platform.context();
  const request: SideRequest = {
    kind: "rollback",
    stream: { environment: "dev", service: "demo-api", ring: "all" },
    artifact: artifact("1.0.0"),
    tenants: ["a"],
    named: false,
    held: { a: formatArtifact(artifact("1.1.0")) },
    requestedBy: "mona",
    at: platform.now().toISOString(),
  };
  expect(await requestSidePromotion(context, request)).toEqual({ kind: "nothing" });
  const held = { a: formatArtifact(artifact("1.2.0")) };
  expect(await requestSidePromotion(context, { ...request, held })).toMatchObject({ kind: "open" });
});
