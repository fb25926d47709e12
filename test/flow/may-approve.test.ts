import { afterEach, describe, expect, it } from "vitest";

import { mayApprove } from "#flow/may-approve.ts";

import { anEnvironment } from "../builders.ts";
import { aPlatform } from "./a-platform.ts";

let platform: Awaited<ReturnType<typeof aPlatform>> | undefined;
afterEach(async () => {
  await platform?.close();
});

const route = "/orgs/{org}/teams/{team_slug}/memberships/{username}";
const unreadable = {
  fault: "403",
  method: "GET",
  route,
  message: "Resource not accessible by integration",
  times: "always",
} as const;

describe("whose word counts", () => {
  const prod = anEnvironment("prod", { promoters: { permission: "admin", teams: ["sre"] } });

  it.for([
    ["one of the gate's team", { teams: ["sre"], people: [] }],
    ["one who may promote, by a team", { teams: [], people: [] }],
  ] as const)("%s, and what could not be asked is told apart", async ([, approvers]) => {
    platform = await aPlatform();
    const context = await platform.context();
    expect(await mayApprove(context, prod, approvers, "rita")).toEqual({ kind: "may" });
    const mona = await mayApprove(context, prod, approvers, "mona");
    expect(mona).toMatchObject({ kind: "may-not" });
    expect(mona).not.toHaveProperty("unverified");
    platform.github.faults([unreadable]);
    const rita = await mayApprove(context, prod, approvers, "rita");
    expect(rita).toMatchObject({
      kind: "may-not",
      unverified: true,
      sentence: expect.stringContaining("could not verify membership in sre") as string,
    });
  });
});
