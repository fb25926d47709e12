import { z } from "zod";

import { ignored, type Reader, readerOf } from "./reader.ts";
import { repository, sha, user } from "./shapes.ts";

const app = z.object({ id: z.number() }).nullish();

const checkRun = z.object({
  action: z.string(),
  check_run: z.object({
    name: z.string(),
    head_sha: sha,
    external_id: z.string().nullish(),
    completed_at: z.string().nullish(),
    app,
  }),
  requested_action: z.object({ identifier: z.string() }).nullish(),
  repository,
  sender: user,
});

export const readCheckRun: Reader = readerOf(checkRun, (payload, appId) => {
  const { action, check_run: run } = payload;
  const ours = run.app?.id === appId;
  const about = {
    repository: payload.repository.full_name,
    revision: run.head_sha,
    name: run.name,
    externalId: run.external_id ?? "",
    completedAt: run.completed_at ?? null,
    sender: payload.sender.login,
  };
  if (action === "rerequested" && ours) return { kind: "check-run.rerequested", ...about };
  if (action === "requested_action" && ours) {
    return {
      kind: "check-run.pressed",
      ...about,
      button: payload.requested_action?.identifier ?? "",
      senderIsBot: payload.sender.type === "Bot",
    };
  }
  if (action !== "completed") return ignored(`check run ${action}`);
  if (ours) return ignored("check run of our own");
  return changed(payload.repository.full_name, run.head_sha);
});

const checkSuite = z.object({
  action: z.string(),
  check_suite: z.object({ head_sha: sha, app }),
  repository,
  sender: user,
});

/** "Re-run all" asks for our suite again. */
export const readCheckSuite: Reader = readerOf(checkSuite, (payload, appId) => {
  const { action, check_suite: suite } = payload;
  const ours = suite.app?.id === appId;
  if (action === "rerequested" && ours) {
    return {
      kind: "check-suite.rerequested",
      repository: payload.repository.full_name,
      revision: suite.head_sha,
      sender: payload.sender.login,
    };
  }
  if (action !== "completed" || ours)
    return ignored(`check suite ${action}${ours ? " of our own" : ""}`);
  return changed(payload.repository.full_name, suite.head_sha);
});

export const readStatus: Reader = readerOf(z.object({ sha, repository }), (payload) =>
  changed(payload.repository.full_name, payload.sha),
);

function changed(repository: string, revision: string) {
  return { kind: "checks.changed", repository, revision } as const;
}
