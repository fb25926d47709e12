import { describe, expect, it } from "vitest";

import type { Artifact } from "#core/artifact.ts";
import { foreignImages, livePodImages, viewImages } from "#core/rollout-images.ts";

const digest = `sha256:${"1".repeat(64)}`;
const otherDigest = `sha256:${"2".repeat(64)}`;

function artifact(change: Partial<Artifact> = {}): Artifact {
  return { repository: "ghcr.io/acme/api", tag: "v2", digest: null, revision: null, ...change };
}

describe("viewImages", () => {
  it.for([
    { images: ["ghcr.io/acme/api:v2"], view: "only" },
    { images: ["GHCR.io/acme/api:v2"], view: "only" },
    { images: ["ghcr.io/acme/api:v1"], view: "others" },
    { images: ["ghcr.io/acme/api:v1", "ghcr.io/acme/api:v2"], view: "mixed" },
    { images: ["ghcr.io/acme/api:v2", "redis:7"], view: "only" },
    { images: ["redis:7"], view: "none" },
    { images: [], view: "none" },
    { images: ["ghcr.io/acme/api-worker:v2"], view: "none" },
    // A tag that only begins or ends alike is another tag.
    { images: ["ghcr.io/acme/api:v20"], view: "others" },
    { images: ["ghcr.io/acme/api"], view: "others" },
    // A mirror counts only where the repository itself is nowhere to be seen.
    { images: ["mirror.example.com/ghcr/acme/api:v2"], view: "only" },
    { images: ["mirror.example.com/acme/api:v1"], view: "others" },
    { images: ["mirror.example.com/acme/api:v1", "ghcr.io/acme/api:v2"], view: "only" },
    // Digests.
    { images: [`ghcr.io/acme/api:v2@${digest}`], view: "only" },
    { images: [`ghcr.io/acme/api@${digest}`], view: "others" },
    { images: ["localhost:5000/acme/api:v2"], view: "only" },
  ])("$images: $view", ({ images, view }) => {
    expect(viewImages(images, artifact())).toBe(view);
  });

  it.for([
    { image: `ghcr.io/acme/api@${digest}`, view: "only" },
    { image: `ghcr.io/acme/api:v2@${digest}`, view: "only" },
    { image: `ghcr.io/acme/api:v2@${otherDigest}`, view: "others" },
    { image: "ghcr.io/acme/api:v2", view: "only" },
  ])("knows the digest, $image: $view", ({ image, view }) => {
    expect(viewImages([image], artifact({ digest }))).toBe(view);
  });

  it("reads Docker Hub's short names", () => {
    const nginx = artifact({ repository: "docker.io/library/nginx", tag: "1.27" });
    expect(viewImages(["nginx:1.27"], nginx)).toBe("only");
    const own = artifact({ repository: "docker.io/acme/api" });
    expect(viewImages(["acme/api:v2"], own)).toBe("only");
    expect(viewImages(["index.docker.io/acme/api:v2"], own)).toBe("only");
  });

  it("names the others", () => {
    const images = ["ghcr.io/acme/api:v1", "ghcr.io/acme/api:v2", "redis:7"];
    expect(foreignImages(images, artifact())).toEqual(["ghcr.io/acme/api:v1"]);
  });
});

describe("livePodImages", () => {
  const pod = (uid: string, images: string[], parents: string[], reason = "Running") => ({
    uid,
    kind: "Pod",
    name: uid,
    parents,
    images,
    reason,
    health: "",
    message: "",
  });

  it("does not run in circles where owners do", () => {
    const nodes = [pod("a", ["x:1"], ["b"]), { ...pod("b", [], ["a"]), kind: "ReplicaSet" }];
    expect(livePodImages(nodes)).toEqual(["x:1"]);
  });

  it.for(["Completed", "Failed", "Evicted"])("leaves out a pod that is %s", (reason) => {
    expect(livePodImages([pod("a", ["x:1"], [], reason)])).toEqual([]);
  });

  it.for(["Error", "CrashLoopBackOff", "Terminating", ""])("keeps a pod that is '%s'", (reason) => {
    expect(livePodImages([pod("a", ["x:1"], [], reason)])).toEqual(["x:1"]);
  });
});
