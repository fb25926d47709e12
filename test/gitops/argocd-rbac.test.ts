import { describe, expect, it } from "vitest";

import { matchesGlob } from "./argo-glob.ts";
import { theObject } from "./tree.ts";

const { data } = theObject("ConfigMap", "argocd-rbac-cm");
const lines = (data?.["policy.csv"] ?? "")
  .split("\n")
  .map((line) => line.split(",").map((part) => part.trim()))
  .filter(([kind = ""]) => kind !== "" && !kind.startsWith("#"));

/**
 * Argo CD's built-in model: a request is allowed where a rule of the subject, of one of its roles or of the default role
 * matches its resource, action and object as globs, and no such rule denies it (assets/model.conf, util/rbac/rbac.go).
 */
function may(subject: string, resource: string, action: string, object: string): boolean {
  const roles = lines
    .filter(([kind, who]) => kind === "g" && who === subject)
    .map(([, , is]) => is);
  const subjects = new Set([subject, ...roles, data?.["policy.default"]]);
  const effects = lines
    .filter(
      ([kind, who = "", on = "", does = "", what = ""]) =>
        kind === "p" &&
        subjects.has(who) &&
        matchesGlob(on, resource) &&
        matchesGlob(does, action) &&
        matchesGlob(what, object),
    )
    .map(([, , , , , effect]) => effect);
  return effects.includes("allow") && !effects.includes("deny");
}

const resources = [
  "accounts",
  "applications",
  "applicationsets",
  "certificates",
  "clusters",
  "exec",
  "extensions",
  "gpgkeys",
  "logs",
  "projects",
  "repositories",
  "write-repositories",
];
const actions = [
  "get",
  "create",
  "update",
  "delete",
  "sync",
  "override",
  "action/apps/Deployment/restart",
  "invoke",
];

describe("Sluice's account", () => {
  it("is one that logs in by API key alone", () => {
    const settings = theObject("ConfigMap", "argocd-cm").data ?? {};
    expect(settings["accounts.sluice"]).toBe("apiKey");
  });

  it.for(["dev", "staging", "prod"])("reads and syncs in %s", (project) => {
    expect(may("sluice", "applications", "get", `${project}/tenant-a-${project}`)).toBe(true);
    expect(may("sluice", "applications", "sync", `${project}/tenant-a-${project}`)).toBe(true);
  });

  it("sees the ApplicationSet, whose project in RBAC is the unrendered template", () => {
    const set = theObject("ApplicationSet", "tenants");
    const object = `${set.spec.template.spec.project}/${set.metadata.name}`;
    expect(object).toContain("{{");
    expect(may("sluice", "applicationsets", "get", object)).toBe(true);
  });

  it("may do nothing else", () => {
    const objects = ["dev", "staging", "prod", "platform", "default"].flatMap((project) => [
      `${project}/tenant-a-${project}`,
      `${project}/tenants`,
      project,
    ]);
    const allowed = resources.flatMap((resource) =>
      actions.flatMap((action) =>
        objects
          .filter((object) => may("sluice", resource, action, object))
          .map((object) => `${resource} ${action} ${object}`),
      ),
    );
    const own = ["dev", "staging", "prod"].flatMap((project) =>
      ["get", "sync"].flatMap((action) => [
        `applications ${action} ${project}/tenant-a-${project}`,
        `applications ${action} ${project}/tenants`,
      ]),
    );
    const sets = ["dev", "staging", "prod", "platform", "default"].map(
      (project) => `applicationsets get ${project}/tenants`,
    );
    expect(allowed.sort()).toEqual([...own, ...sets].sort());
  });

  it("gets nothing by the default role, and strangers get nothing at all", () => {
    expect(data?.["policy.default"]).toBe("");
    expect(may("a-stranger", "applications", "get", "dev/tenant-a-dev")).toBe(false);
  });

  it("is judged by every line: none is misspelt", () => {
    expect(lines.length).toBeGreaterThan(8);
    const wrong = lines.filter(
      ([kind, , third = "", fourth = "", , effect = "", ...more]) =>
        !(kind === "g" && third.startsWith("role:") && fourth === "") &&
        !(
          kind === "p" &&
          resources.includes(third) &&
          actions.includes(fourth) &&
          ["allow", "deny"].includes(effect) &&
          more.length === 0
        ),
    );
    expect(wrong).toEqual([]);
  });
});
