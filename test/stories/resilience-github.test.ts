import { expect, it } from "vitest";

import { hasRedisServer } from "../queue/redis-server.ts";
import { environments } from "../stage/seed.ts";
import { openSiege, playPromotion, type Played, type Siege } from "../stage/siege.ts";

/** `RESILIENCE=all`: every fault on every write; else two faults on each. */
const everything = process.env["RESILIENCE"] === "all";
const timeout = everything ? 3_600_000 : 600_000;

const writes = [
  "POST /repos/{owner}/{repo}/git/trees",
  "POST /repos/{owner}/{repo}/git/commits",
  "POST /repos/{owner}/{repo}/git/refs",
  "POST /repos/{owner}/{repo}/check-runs",
  "POST /repos/{owner}/{repo}/pulls",
  "POST /repos/{owner}/{repo}/issues/{issue_number}/labels",
  "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge",
  "POST /graphql",
  "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}",
];
const answers = [
  { fault: "apply-then-502" },
  { fault: "apply-then-reset" },
  { fault: "apply-then-hang", ms: 300 },
  { fault: "reset-before" },
  { fault: "502", times: 3 },
  { fault: "409" },
  { fault: "403", retryAfter: 30 },
  { fault: "429" },
];

it.skipIf(!hasRedisServer())(
  "whatever GitHub answers to a write, nothing is doubled and nothing is lost",
  { timeout },
  async (context) => {
    const { stage } = await openSiege(context);
    const rules = writes.flatMap((write, index) => {
      const [method = "", route = ""] = write.split(" ");
      const some = answers.filter(
        (_, at) => everything || (at + index) % (answers.length / 2) === 0,
      );
      // Refusals in a row for which GitHub names no end are waited out ever longer: one of them is enough.
      const patient = index === 0 ? {} : { retryAfter: 60 };
      return some.map((answer) => ({
        ...(answer.fault === "429" ? patient : {}),
        ...answer,
        method,
        route,
      }));
    });
    const problems: string[] = [];
    const unused: Played["unused"][number][] = [];
    for (let at = 0; at < rules.length; at += environments.length) {
      const faults = rules
        .slice(at, at + environments.length)
        .map((rule, index) => ({ ...rule, body: environments[index] }));
      const played = await playPromotion(stage, [], () => Promise.resolve(), { faults });
      problems.push(...played.problems.map((one) => `${JSON.stringify(faults)}: ${one}`));
      unused.push(...played.unused);
      if (everything) process.stdout.write(`${at}/${rules.length} ${played.problems.join("; ")}\n`);
    }
    expect(problems).toEqual([]);
    expect(unused.filter(({ method }) => method !== "PATCH")).toEqual([]);
    expect(await tooEarly(stage)).toEqual([]);
    expect(await stage.githubControl.get("violations")).toEqual([]);
  },
);

it.skipIf(!hasRedisServer())(
  "reads that lag behind, a merge that is not computed yet, and GitHub away for half a minute",
  { timeout },
  async (context) => {
    const { stage } = await openSiege(context);
    const pulls = "/repos/{owner}/{repo}/pulls";
    const plans = [
      [{ fault: "stale-read", ms: 10_000, route: pulls, times: "always" }],
      [{ fault: "stale-read", ms: 10_000, route: "/repos/{owner}/{repo}/git/ref/{ref}", times: 6 }],
      [
        {
          fault: "stale-read",
          ms: 10_000,
          route: "/repos/{owner}/{repo}/commits/{ref}/check-runs",
          times: "always",
        },
      ],
      [{ fault: "mergeable-null", times: 4 }],
      [{ fault: "refuse", ms: 3_000, method: "POST", route: pulls }],
      [{ fault: "503", times: 25 }],
    ];
    const problems: string[] = [];
    for (const faults of plans) {
      const played = await playPromotion(stage, [], () => Promise.resolve(), { faults });
      problems.push(...played.problems.map((one) => `${JSON.stringify(faults)}: ${one}`));
    }
    expect(problems).toEqual([]);
    expect(await stage.githubControl.get("violations")).toEqual([]);
  },
);

type Logged = {
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly fault: string | null;
  readonly caller: string;
};

/** Requests that came while GitHub had forbidden them; what was on its way already is let pass. */
async function tooEarly(stage: Siege["stage"]): Promise<readonly string[]> {
  const requests = (await stage.githubControl.get<readonly Logged[]>("requests")).filter(
    ({ caller }) => caller.startsWith("installation:"),
  );
  const onTheWay = 150 * stage.pace.factor;
  return requests.flatMap(({ fault, time, path }) => {
    const seconds = fault === "403" ? 30 : fault === "429" ? 60 : 0;
    const from = Date.parse(time);
    const inside = requests.filter((one) => {
      const after = Date.parse(one.time) - from;
      return after > onTheWay && after < seconds * 1000 - onTheWay;
    });
    return inside.map((one) => `${one.method} ${one.path}, forbidden since ${fault} on ${path}`);
  });
}
