import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { settingOf } from "#adapters/argocd/request.ts";

import { dev, startArgocdBench, type ArgocdBench } from "./argocd-bench.ts";

let bench: ArgocdBench;
beforeEach(async () => {
  bench = await startArgocdBench({ deadlines: { read: 500, list: 500 } });
});
afterEach(() => bench.close());

function fault(effect: object, times?: number): void {
  const rule = { kind: "http", path: "applications", effect, ...(times ? { times } : {}) };
  bench.simulator.admin.setFaults([rule as never]);
}

describe("a read", () => {
  it.for([
    { name: "500", effect: { type: "status", status: 500 } },
    { name: "502 of a proxy, as HTML", effect: { type: "status", status: 502, html: true } },
    { name: "503", effect: { type: "status", status: 503 } },
    { name: "a reset", effect: { type: "reset" } },
    { name: "half an answer", effect: { type: "truncate" } },
  ])("is tried again after $name", async ({ effect }) => {
    fault(effect, 2);
    expect((await bench.deployer.application(dev)).kind).toBe("found");
    expect(bench.asked("get")).toBe(3);
  });

  it.for([
    { name: "500", effect: { type: "status", status: 500 }, code: "argocd.unavailable" },
    { name: "a page", effect: { type: "status", status: 502, html: true }, code: "argocd.garbage" },
    { name: "a reset", effect: { type: "reset" }, code: "argocd.unavailable" },
    { name: "no answer", effect: { type: "hang" }, code: "argocd.timeout" },
    { name: "no JSON", effect: { type: "invalidJson" }, code: "argocd.garbage" },
    { name: "429", effect: { type: "status", status: 429 }, code: "argocd.throttled" },
  ])("ends as a fault where it goes on: $name, $code", async ({ effect, code }) => {
    fault(effect);
    await expect(bench.deployer.application(dev)).rejects.toMatchObject({ code });
  });

  it("names the moment that a throttling proxy asks for, and asks nothing before it", async () => {
    fault({ type: "status", status: 429, retryAfter: 30 });
    const before = Date.now();
    const error = await bench.deployer.application(dev).catch((thrown: unknown) => thrown);
    const { retryAt } = error as { retryAt: Date };
    expect(retryAt.getTime() - before).toBeGreaterThanOrEqual(30_000);
    expect(retryAt.getTime() - before).toBeLessThan(35_000);
    await expect(bench.deployer.applications()).rejects.toMatchObject({ retryAt });
    expect(bench.asked("get") + bench.asked("list")).toBe(1);
  });

  it("ends when its caller does", async () => {
    fault({ type: "hang" });
    const caller = new AbortController();
    const answer = bench.deployer.application(dev, caller.signal);
    caller.abort(new Error("stopping"));
    await expect(answer).rejects.toThrow("stopping");
  });
});

describe("a token", () => {
  function expired(): string {
    const token = bench.simulator.tokenFor("sluice", 60);
    bench.simulator.admin.setFaults([{ kind: "clock", jumpMs: 120_000 }]);
    return token;
  }

  it.for([
    { name: "expired", token: () => expired() },
    { name: "not a JWT", token: () => "opaque" },
    { name: "forged", token: () => `${bench.simulator.token}x` },
  ])("that is $name names the setting, and is not tried again", async ({ token }) => {
    const refused = token();
    const deployer = bench.connect({ token: refused });
    const error = await deployer.application(dev).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "argocd.unauthorized", retryable: false });
    expect((error as Error).message).toMatchInlineSnapshot(
      `"Argo CD instance default does not accept Sluice's token: set ARGOCD_TOKEN to a valid API key."`,
    );
    expect((error as Error).message).not.toContain(refused);
    expect(bench.asked("get")).toBe(1);
  });
});

describe("an address", () => {
  let other: Server | undefined;
  afterEach(() => other?.close());

  async function serve(status: number, headers: Record<string, string>, text: string) {
    const asked: string[] = [];
    other = createServer((request, response) => {
      asked.push(request.headers.authorization ?? "");
      response.writeHead(status, headers).end(text);
    });
    await new Promise<void>((resolve) => {
      other?.listen(0, "127.0.0.1", resolve);
    });
    return { url: `http://127.0.0.1:${(other.address() as AddressInfo).port}`, asked };
  }

  it("where nobody listens says so", async () => {
    const { url } = await serve(200, {}, "");
    await new Promise((resolve) => other?.close(resolve));
    await expect(bench.connect({ url }).application(dev)).rejects.toThrow(/ECONNREFUSED/);
  });

  it("that redirects is not followed: the token goes nowhere else", async () => {
    const { url, asked } = await serve(307, { location: `${bench.simulator.url}/` }, "");
    await expect(bench.connect({ url }).application(dev)).rejects.toThrow(
      /is ARGOCD_URL the final/,
    );
    expect(asked.length).toBe(1);
    expect(bench.asked("get")).toBe(0);
  });

  it("that serves a page with status 200 is no Argo CD", async () => {
    const { url } = await serve(200, { "content-type": "text/html" }, "<html>Sign in</html>");
    const answer = bench.connect({ url }).applications();
    await expect(answer).rejects.toMatchObject({ code: "argocd.garbage", retryable: false });
  });

  it("may end in a path and a slash", async () => {
    const { url } = bench.simulator;
    expect((await bench.connect({ url: `${url}/` }).applications()).length).toBe(3);
  });

  it("is named after its instance in the settings", () => {
    expect(settingOf("ARGOCD_URL", { name: "default" })).toBe("ARGOCD_URL");
    expect(settingOf("ARGOCD_URL", { name: "prod-eu" })).toBe("ARGOCD_URL__PROD_EU");
  });
});
