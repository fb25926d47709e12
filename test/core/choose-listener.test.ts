import { describe, expect, it } from "vitest";

import { chooseListener, type Listener } from "#core/choose-listener.ts";

const europe: Listener = {
  repository: "acme/europe",
  environments: ["dev", "prod", "prod-eu"],
  services: ["api", "worker"],
  tenants: ["eu-a", "eu-b", "shared"],
};
const america: Listener = {
  repository: "acme/america",
  environments: ["dev", "prod"],
  services: ["api", "mailer"],
  tenants: ["us-a", "shared"],
};
const both = [europe, america];

describe("a command that several repositories may be meant by", () => {
  it.for([
    ["/promote prod-eu", "acme/europe"],
    ["/promote prod --service mailer", "acme/america"],
    ["/promote prod --tenants us-*", "acme/america"],
    ["/rollback prod --tenants eu-a,eu-b", "acme/europe"],
    ["/freeze prod-eu the launch", "acme/europe"],
    ["/status prod-eu", "acme/europe"],
    ["/hold prod --service worker it leaks", "acme/europe"],
    ["/help", "acme/europe"],
  ] as const)("%s is meant for the only one that has what it names", ([body, repository]) => {
    expect(chooseListener(body, both)).toEqual({ kind: "chosen", repository });
  });

  it.for([
    "/promote",
    "/promote prod",
    "/promote prod --service api",
    "/promote prod --tenants shared",
    "/promote prod --tenants eu-a,us-a",
    "/promote prod --tenants nobody",
    "/promote prod-eu --service mailer",
    "/status",
    "/retry",
  ])("%s is ambiguous", (body) => {
    expect(chooseListener(body, both)).toEqual({ kind: "ambiguous" });
  });

  it.for([
    ["/promote prd", "unknown-name", "prod"],
    ["/promote prod --service mailr", "unknown-name", "mailer"],
    ["/promot prod", "unknown-command", "/promote"],
    ["/promote prod --to", "wrong-arguments", null],
  ] as const)("%s is understood nowhere", ([body, reason, nearest]) => {
    expect(chooseListener(body, both)).toMatchObject({ kind: "not-understood", reason, nearest });
  });

  it("is meant for nobody whose names are not known", () => {
    const unknown = { ...america, environments: [], services: [], tenants: [] };
    expect(chooseListener("/promote prod", [europe, unknown])).toMatchObject({
      repository: "acme/europe",
    });
    expect(chooseListener("/promote prod", [])).toMatchObject({ kind: "not-understood" });
  });
});
