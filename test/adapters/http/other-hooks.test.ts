import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readRegistryHint } from "#adapters/http/registry-hint.ts";
import { readRegistryHook } from "#adapters/registries/registry-hook.ts";

import { anEdge, argocdToken, hmac, post, registrySecret } from "./an-edge.ts";
import type { TestEdge } from "./an-edge.ts";

const uuid = /^[0-9a-f-]{36}$/;

describe("the other ways in", () => {
  let edge: TestEdge;
  beforeEach(async () => {
    edge = await anEdge();
  });
  afterEach(async () => {
    await edge.stop();
  });

  describe("a registry's hook", () => {
    const path = "/webhooks/registry/generic";
    const sign = (text: string, key = registrySecret): Record<string, string> => ({
      "x-sluice-signature-256": hmac(text, key),
    });
    const image = { image: "ghcr.io/acme/demo-api", tag: "sha-1a2b3c4" };

    it.for([
      [{}, 202],
      [{ digest: `sha256:${"a".repeat(64)}`, revision: "b".repeat(40) }, 202],
      [{ digest: null, revision: null, more: "is ignored" }, 202],
      [{ tag: "" }, 400],
      [{ tag: "x\nevil: 1" }, 400],
      [{ tag: "a".repeat(129) }, 400],
      [{ image: "" }, 400],
      [{ image: 1 }, 400],
      [{ image: "ghcr.io/acme/demo-api@sha256:1" }, 400],
      [{ image: "ghcr.io/x/y:v1" }, 400],
      [{ image: "demo-api" }, 400],
      [{ image: "acme/demo-api" }, 400],
      [{ image: "GHCR.io/Acme/demo-api" }, 202],
      [{ image: "localhost:5000/acme/demo-api" }, 202],
      [{ digest: "sha256:1" }, 400],
      [{ revision: "1a2b3c4" }, 400],
    ] as const)("with %j is answered %i", async ([changes, status]) => {
      const text = JSON.stringify({ ...image, ...changes });
      const answer = await post(edge, path, text, sign(text));
      expect(answer.status).toBe(status);
      if (status === 202) {
        expect(edge.stored).toMatchObject([{ source: "registry", event: "", body: text }]);
        expect(edge.stored[0]?.id).toMatch(uuid);
      } else {
        expect(answer.body["error"]).toContain(Object.keys(changes)[0]);
      }
    });

    it("names every field that is wrong at once", async () => {
      const answer = await post(edge, path, '{"digest":1}', sign('{"digest":1}'));
      expect(answer.body["error"]).toBe(
        "image must be a repository with its registry and without a tag, as ghcr.io/acme/demo-api; tag must be an image tag; digest must be sha256: and 64 hex digits, or be left out.",
      );
    });

    it("accepts exactly what can be read later", () => {
      const word = fc.constantFrom("ghcr.io", "acme", "demo-api", "API", "v1", "a".repeat(300));
      const glue = fc.constantFrom("/", ":", "@", ".", " ", "-", "");
      const written = fc
        .array(fc.tuple(word, glue), { minLength: 1, maxLength: 4 })
        .map((parts) => parts.flat().join(""));
      fc.assert(
        fc.property(fc.oneof(written, fc.string()), (name) => {
          const text = JSON.stringify({ ...image, image: name });
          const accepted = !("status" in readRegistryHint(Buffer.from(text)));
          expect(accepted).toBe(readRegistryHook(text).kind === "event");
        }),
      );
    });

    it("is refused without its own signature", async () => {
      const text = JSON.stringify(image);
      const wrong = [{}, sign(text, "other"), { "x-hub-signature-256": `sha256=${hmac(text)}` }];
      for (const headers of wrong) {
        const answer = await post(edge, path, text, headers);
        expect(answer.status).toBe(401);
        expect(answer.body["error"]).toContain("REGISTRY_WEBHOOK_SECRET");
      }
      expect(edge.stored).toEqual([]);
    });

    it("may carry the prefix that GitHub's senders write", async () => {
      const text = JSON.stringify(image);
      const headers = { "x-sluice-signature-256": `sha256=${hmac(text, registrySecret)}` };
      expect((await post(edge, path, text, headers)).status).toBe(202);
    });
  });

  describe("a notification of Argo CD", () => {
    const path = "/webhooks/argocd";
    const text = '{"v":1,"instance":"default","app":"tenant-a-dev"}';

    it("is stored and answered", async () => {
      const headers = { authorization: `Bearer ${argocdToken.replaceAll(" ", "")}` };
      const own = await anEdge({ argocdWebhookToken: argocdToken.replaceAll(" ", "") });
      expect((await post(own, path, text, headers)).status).toBe(202);
      expect(own.stored).toMatchObject([{ source: "argocd", body: text }]);
      expect((await post(own, path, "[]", headers)).status).toBe(400);
      await own.stop();
    });

    it.for([
      [{}],
      [{ authorization: "" }],
      [{ authorization: "Bearer" }],
      [{ authorization: "Bearer x" }],
      [{ authorization: "Basic eDp5" }],
    ] as const)("with %j is refused", async ([headers]) => {
      const answer = await post(edge, path, text, headers as Record<string, string>);
      expect(answer.status).toBe(401);
      expect(edge.stored).toEqual([]);
    });
  });

  it("are closed where their secret is not set", async () => {
    const closed = await anEdge({ registryWebhookSecret: null, argocdWebhookToken: null });
    const registry = await post(closed, "/webhooks/registry/generic", "{}", {});
    expect(registry).toEqual({
      status: 404,
      body: { error: "This way in is off; set REGISTRY_WEBHOOK_SECRET to open it." },
    });
    const argocd = await post(closed, "/webhooks/argocd", "{}", { authorization: "Bearer null" });
    expect(argocd.status).toBe(404);
    await closed.stop();
  });
});
