import { existsSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { z } from "zod";

import { alwaysSent, handledEvents } from "../../bot/adapters/github/handled-events.ts";
import { requiredPermissions } from "../../bot/adapters/github/required-permissions.ts";

const root = new URL("../../", import.meta.url);

function readRoot(path: string): string {
  const file = new URL(path, root);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** What GitHub reads of a manifest. */
const manifestSchema = z.strictObject({
  name: z.string().max(34),
  description: z.string(),
  url: z.url(),
  hook_attributes: z.strictObject({ url: z.url(), active: z.literal(true) }),
  public: z.literal(false),
  default_permissions: z.record(z.string(), z.enum(["read", "write"])),
  default_events: z.array(z.string()),
});

/** The permission without which GitHub does not send an event. */
const permissionOfEvent: Readonly<Record<string, keyof typeof requiredPermissions>> = {
  registry_package: "packages",
  package: "packages",
  workflow_run: "actions",
  push: "contents",
  pull_request: "pull_requests",
  pull_request_review: "pull_requests",
  issue_comment: "issues",
  issues: "issues",
  check_run: "checks",
  check_suite: "checks",
  status: "statuses",
  merge_group: "merge_queues",
  repository: "metadata",
};

describe("app.yml", () => {
  const document = parseDocument(readRoot("app.yml"), { uniqueKeys: true });
  const manifest = manifestSchema.parse(document.toJS());

  it("is a manifest", () => {
    expect([...document.errors, ...document.warnings]).toEqual([]);
  });

  it("sends deliveries to the path that the edge listens on", () => {
    expect(new URL(manifest.hook_attributes.url).pathname).toBe("/api/github/webhooks");
  });

  it("subscribes to exactly the events that are handled", () => {
    const handled = Object.keys(handledEvents).filter(
      (name) => !alwaysSent.some((each) => each === name),
    );
    expect(manifest.default_events.toSorted()).toEqual(handled.toSorted());
  });

  it("asks for exactly the permissions that are needed", () => {
    const needed = Object.entries(requiredPermissions).map(([name, { level }]) => [name, level]);
    expect(manifest.default_permissions).toEqual(Object.fromEntries(needed));
  });

  it("never asks to change workflows, settings or secrets", () => {
    const forbidden = [
      "workflows",
      "administration",
      "secrets",
      "actions_variables",
      "environments",
    ];
    expect(
      Object.keys(manifest.default_permissions).filter((name) => forbidden.includes(name)),
    ).toEqual([]);
  });

  it.for(manifest.default_events)("may receive %s", (event) => {
    const permission = permissionOfEvent[event];
    expect(permission).toBeDefined();
    expect(manifest.default_permissions).toHaveProperty(permission ?? "");
  });
});

describe("README.md", () => {
  const [, behind = ""] = readRoot("README.md").split("<!-- permissions -->");
  const [table = ""] = behind.split("\n## ");

  /** Rows of the tables behind the marker: the first cell's code spans and the whole row. */
  const rows = table.split("\n").filter((line) => line.startsWith("| `"));

  it.runIf(table !== "")("gives the reason of each permission and event", () => {
    const named = rows.flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`([a-z_]+)/g)].map(([, name]) => name),
    );
    const known = [...Object.keys(requiredPermissions), ...Object.keys(handledEvents)];
    expect(new Set(named)).toEqual(new Set(known));
    const reasons = [
      ...Object.values(requiredPermissions).map(({ reason }) => reason),
      ...Object.values(handledEvents),
    ];
    expect(reasons.filter((reason) => !rows.some((row) => row.includes(reason)))).toEqual([]);
  });
});
