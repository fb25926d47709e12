import { setTimeout as pause } from "node:timers/promises";

import { image, platform, source } from "../../stage/seed.ts";
import type { Stage } from "../../stage/stage.ts";
import { until, type Watched } from "../../stage/watch.ts";
import { answered, isCall, lastRequest, requestsSince, type Logged } from "./request-log.ts";

/** A commit that waits to be built. */
export type Pushed = { readonly revision: string; readonly tag: string };

/** Milliseconds without a request after which nothing is under way. */
const quiet = 1_000;

/** A person pushes to the source repository; the push itself is over and done with before anything is counted. */
export async function pushSource(stage: Stage, name: string): Promise<Pushed> {
  const { sha } = await stage.githubControl.post<{ sha: string }>("push", {
    repository: source,
    branch: "main",
    user: "bob",
    message: `feat: ${name}`,
    files: { "src/server.ts": `// ${name}\n` },
  });
  await idle(stage);
  return { revision: sha, tag: `sha-${sha.slice(0, 7)}` };
}

/** CI is done: all events of one build, as GitHub sends them. */
export async function publish(stage: Stage, { revision, tag }: Pushed): Promise<void> {
  await stage.githubControl.post("publish", {
    repository: source,
    image,
    tag,
    revision,
    platforms: ["linux/amd64", "linux/arm64"],
  });
  await stage.githubControl.post("workflow-run", {
    repository: source,
    workflow: "ci.yml",
    headSha: revision,
    conclusion: "success",
  });
}

/** Waits until no request has come for a second. */
export async function idle(stage: Stage): Promise<void> {
  let last = -1;
  for (let now = await lastRequest(stage); now !== last; now = await lastRequest(stage)) {
    last = now;
    await pause(quiet);
  }
}

/**
 * What it took to bring the promotion into dev to an open pull request with its check run and its labels: everything
 * from request `since` on up to the last of these three.
 */
export async function requestsToOpen(
  watched: Watched,
  since: number,
): Promise<{ readonly requests: readonly Logged[]; readonly openAt: number }> {
  return until(watched, "the pull request into dev", async () => {
    const requests = await requestsSince(watched.stage, since);
    const branch = requests.find((one) => isCall(one, "POST", platform, "git/refs"));
    const find = (template: string, from: number) =>
      requests.find(
        (one) =>
          one.number > from && one.milliseconds > 0 && isCall(one, "POST", platform, template),
      );
    const commit = requests.find((one) => isCall(one, "POST", platform, "git/commits"));
    if (commit === undefined || branch === undefined) return false;
    const pull = find("pulls", branch.number);
    const gates = find("check-runs", commit.number);
    const labels = find("issues/{issue_number}/labels", branch.number);
    if (pull === undefined || gates === undefined || labels === undefined) return false;
    const end = Math.max(pull.number, gates.number, labels.number);
    return {
      requests: requests.filter((one) => one.number <= end),
      openAt: Math.max(answered(pull), answered(gates)),
    };
  });
}

/** When the bot said that a rollout is over, on the clock that both programs share. */
export async function settledAt(
  watched: Watched,
  environment: string,
  tag: string,
): Promise<number> {
  const event = await until(watched, `${environment} to be verified on ${tag}`, () =>
    watched.stage.events.find(
      (one) =>
        one.message === "rollout settled" &&
        one.environment === environment &&
        one.artifact?.includes(`:${tag}`) === true,
    ),
  );
  if (event.result !== "verified")
    throw new Error(`${environment} ended ${event.result}: ${event.sentence}`);
  const { time } = event as unknown as { time: string };
  return Date.parse(time);
}
