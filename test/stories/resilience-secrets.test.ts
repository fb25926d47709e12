import { readFile } from "node:fs/promises";

import { expect, it } from "vitest";

import { hasRedisServer, startRedis } from "../queue/redis-server.ts";
import { everythingSaid } from "../stage/sinks.ts";
import { openStage } from "../stage/stage.ts";
import { settled, until } from "../stage/watch.ts";

const password = "canary-of-the-redis-password";
const hookSecret = "canary-of-the-registry-hook-secret";
const argocdHookToken = "canary-of-the-argocd-hook-token";

it.skipIf(!hasRedisServer())(
  "no secret leaves the process, whatever fails and whoever repeats it",
  { timeout: 240_000 },
  async ({ onTestFinished }) => {
    const redis = await startRedis(
      ..."--user sluice on".split(" "),
      `>${password}`,
      "~*",
      "&*",
      "+@all",
    );
    onTestFinished(() => redis.stop());
    const redisUrl = redis.url.replace("redis://", `redis://sluice:${password}@`);
    const stage = await openStage({
      tenants: 2,
      pace: 10,
      speed: 100,
      policy: { prodMerge: "auto", timeout: "30m" },
      env: {
        REDIS_URL: redisUrl,
        REGISTRY_WEBHOOK_SECRET: hookSecret,
        ARGOCD_WEBHOOK_TOKEN: argocdHookToken,
        SLUICE_SWEEP_INTERVAL: "1m",
      },
    });
    onTestFinished(() => stage.close());
    const { webhookSecret, privateKeyPath } = stage.github;
    const { token } = stage.argocd;
    const key = (await readFile(privateKeyPath, "utf8")).split("\n")[5] ?? "";
    const secrets = { password, hookSecret, argocdHookToken, webhookSecret, token, key };
    expect(Object.entries(secrets).filter(([, secret]) => secret.length < 16)).toEqual([]);

    await settled({ stage, patienceMs: 60_000 }, ["dev", "staging", "prod"], stage.first.tag);
    const repeated = Object.values(secrets).join(" ");
    const writes = { method: "POST", message: repeated };
    await stage.githubControl.post("faults", {
      rules: [
        { fault: "502", ...writes, route: "/repos/{owner}/{repo}/git/trees", times: 3 },
        { fault: "401", ...writes, route: "/repos/{owner}/{repo}/git/commits" },
        { fault: "409", ...writes, route: "/repos/{owner}/{repo}/pulls" },
        { fault: "404", ...writes, route: "/repos/{owner}/{repo}/check-runs", times: 2 },
        { fault: "500", message: repeated, method: "PUT" },
        { fault: "429", ...writes, route: "/graphql", retryAfter: 3 },
      ],
    });
    const status = { type: "status", message: repeated };
    await stage.argocdControl.post("faults", {
      rules: [
        { kind: "http", path: "refresh=", every: 2, effect: { ...status, status: 500 } },
        { kind: "http", path: "applications", every: 2, effect: { ...status, status: 403 } },
        { kind: "http", path: "applications", effect: { ...status, status: 500 } },
      ],
    });
    const built = await stage.build("feat: greet louder");
    const troubled = await until({ stage, patienceMs: 60_000 }, "the trouble", async () => {
      const said = await everythingSaid(stage, redis.url);
      return [...said.values()].some((text) => text.includes("Not up to date")) ? said : undefined;
    });
    await stage.argocdControl.post("faults", { rules: [] });
    await redis.restart();
    await settled({ stage, patienceMs: 90_000 }, ["dev"], built.tag);

    const said = await everythingSaid(stage, redis.url);
    expect(said.get("log")?.length).toBeGreaterThan(10_000);
    expect(said.get("Redis")).toContain("sha-");
    const patterns = [
      /ghs_\w{10,}/,
      /eyJ[\w-]{10,}\.eyJ/,
      /BEGIN (RSA )?PRIVATE KEY/,
      /v1\.[0-9a-f]{40}/,
    ];
    const leaks = [...troubled, ...said].flatMap(([place, text]) => [
      ...Object.entries(secrets)
        .filter(([, secret]) => text.includes(secret))
        .map(([name]) => `${name} in ${place}`),
      ...patterns
        .filter((pattern) => pattern.test(text))
        .map(String)
        .map((one) => `${one} in ${place}`),
    ]);
    expect(leaks).toEqual([]);
  },
);
