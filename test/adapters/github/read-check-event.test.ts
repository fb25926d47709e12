import { describe, expect, it } from "vitest";

import { readEvent } from "#adapters/github/read-event.ts";
import type { SluiceEvent } from "#core/event.ts";

const sha = "6c62fb45fe66bfb1ea9a66abc38f6a0cc974292b";
const appId = 99;
const envelope = {
  installation: { id: 7 },
  repository: { id: 1, full_name: "Acme/Api", default_branch: "main" },
  sender: { login: "ada", type: "User" },
};

function eventOf(name: string, payload: object): SluiceEvent {
  return readEvent(name, { ...envelope, ...payload }, appId).event;
}

describe("checks", () => {
  const run = (action: string, app: number): object => ({
    action,
    check_run: { name: "sluice/gates", head_sha: sha, external_id: "p:1", app: { id: app } },
  });
  const suite = (action: string, app: number): object => ({
    action,
    check_suite: { head_sha: sha, app: { id: app } },
  });

  it.for([
    ["check_run", run("rerequested", appId), "check-run.rerequested"],
    ["check_run", run("rerequested", 1), "ignored"],
    ["check_run", run("requested_action", appId), "check-run.pressed"],
    ["check_run", run("requested_action", 1), "ignored"],
    ["check_run", run("completed", 1), "checks.changed"],
    ["check_run", run("completed", appId), "ignored"],
    ["check_run", run("created", 1), "ignored"],
    ["check_suite", suite("completed", 1), "checks.changed"],
    ["check_suite", suite("completed", appId), "ignored"],
    ["check_suite", suite("rerequested", appId), "check-suite.rerequested"],
    ["check_suite", suite("rerequested", 1), "ignored"],
    ["check_suite", suite("requested", appId), "ignored"],
    ["status", { sha }, "checks.changed"],
  ] as const)("%s %j is %s", ([name, payload, kind]) => {
    expect(eventOf(name, payload).kind).toBe(kind);
  });
});

describe("whose it is", () => {
  it("stands beside the event", () => {
    expect(readEvent("status", { ...envelope, sha }, appId)).toMatchObject({
      installation: 7,
      repository: "Acme/Api",
      sender: "ada",
    });
  });

  it.for([null, 1, "x", [], {}, { installation: "7", repository: 1, sender: null }])(
    "%j is nobody's and breaks nothing",
    (payload) => {
      for (const name of ["push", "status", "constructor", "__proto__", ""]) {
        expect(readEvent(name, payload, appId)).toMatchObject({
          installation: null,
          event: { kind: "ignored" },
        });
      }
    },
  );
});
