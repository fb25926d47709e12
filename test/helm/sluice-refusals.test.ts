import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, inject, it } from "vitest";

import { settingFamilies } from "../../bot/settings-families.ts";
import { settingsTable } from "../../bot/settings-table.ts";
import { renderSluice, type Shape, shapes, sluiceChart } from "./sluice-releases.ts";

const { helm } = inject("tools");

async function refusal(shape: Shape, set: Readonly<Record<string, unknown>>): Promise<string> {
  try {
    await renderSluice(helm ?? "", shape, set);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("it was rendered");
}

function image(more: object) {
  return { image: { ...shapes.least.image, ...more } };
}

describe.skipIf(helm === null)("a values file is refused with what to write instead", () => {
  const argocd = (more: object) => ({
    argocd: {
      instances: [
        { name: "eu-1", url: "https://argocd", secret: { name: "a", key: "t" }, ...more },
      ],
    },
  });

  it.for([
    [
      "the tag latest",
      "least",
      image({ tag: "latest" }),
      /image\.tag is "latest".* as in image\.tag: v1\.2\.3 or sha-1a2b3c4/,
    ],
    ["no tag", "least", image({ tag: null }), /image\.tag is "": write a release or one build/],
    ["no digest", "least", image({ digest: null }), /image\.digest is "": write the digest/],
    [
      "no App",
      "least",
      { github: {} },
      /github\.appId is "": write the number on the App's settings page/,
    ],
    [
      "no Secret of the App",
      "least",
      { github: { appId: 1, secret: "" } },
      /github\.secret is empty: write the name of the Secret/,
    ],
    [
      "a queue without its Secret",
      "least",
      { queue: { secret: { name: "" } } },
      /queue\.secret lacks name or key: write which Secret holds the URL of redis/,
    ],
    [
      "an embedded queue for several",
      "embedded",
      { all: { replicas: 2 } },
      /all\.replicas is 2, but the embedded queue is for one process alone: write 1, or queue\.kind: redis/,
    ],
    [
      "an embedded queue for two roles",
      "embedded",
      { roles: "split" },
      /roles is "split", but the embedded queue .*: write roles: all/,
    ],
    [
      "workers that are not apart",
      "least",
      { worker: { autoscaling: { enabled: true } } },
      /worker\.autoscaling is on, but there are no workers apart: write roles: split/,
    ],
    [
      "an autoscaler that cannot scale",
      "split",
      { worker: { autoscaling: { enabled: true, minReplicas: 9 } } },
      /worker\.autoscaling goes from 9 to 6: write maxReplicas of at least minReplicas/,
    ],
    [
      "a missing limit",
      "least",
      { all: { resources: { limits: { memory: "" } } } },
      /all\.resources\.limits\.memory is missing: write how much, as in 256Mi/,
    ],
    [
      "an Argo CD of no name",
      "least",
      argocd({ name: "EU_1" }),
      /argocd\.instances has the name "EU_1": write lower-case letters/,
    ],
    [
      "an Argo CD without a token",
      "least",
      argocd({ secret: {} }),
      /argocd\.instances eu-1 lacks url, secret\.name or secret\.key/,
    ],
    [
      "no registry",
      "least",
      { registries: { hosts: [] } },
      /registries\.hosts is empty: write the hosts of the images/,
    ],
    [
      "a registry that is not read",
      "least",
      { registries: { urls: { "quay.io": "https://m" } } },
      /registries names quay\.io, which is not in registries\.hosts: add it there/,
    ],
    [
      "an ingress without a name",
      "least",
      { ingress: { enabled: true } },
      /ingress\.host is empty: write the name that GitHub sends deliveries to/,
    ],
    [
      "a secret in the open",
      "least",
      { settings: { WEBHOOK_SECRET: "x" } },
      /settings\.WEBHOOK_SECRET is a secret.* name that in github\.secret/,
    ],
    [
      "a token in the open",
      "least",
      { settings: { ARGOCD_TOKEN__EU_1: "x" } },
      /settings\.ARGOCD_TOKEN__EU_1 is a secret.* name that in argocd\.instances/,
    ],
    [
      "a token in the open that has no place of its own",
      "least",
      { settings: { SLACK_TOKEN: "x" } },
      /settings\.SLACK_TOKEN is a secret.* name that in secretSettings/,
    ],
    [
      "an address that is a secret in the open",
      "least",
      { settings: { NOTIFY_WEBHOOK_URL__ON_CALL: "x" } },
      /settings\.NOTIFY_WEBHOOK_URL__ON_CALL is a secret.* name that in secretSettings/,
    ],
    [
      "people to tell, and no way to them",
      "least",
      {
        secretSettings: [
          { setting: "SLACK_TOKEN", secret: { name: "sluice-slack", key: "token" } },
        ],
      },
      /secretSettings has SLACK_TOKEN, but nothing would get out to it: write notifications\.enabled: true/,
    ],
    [
      "a setting with a place of its own",
      "least",
      { settings: { LOAD_URL_TEMPLATE: "http://p" } },
      /settings\.LOAD_URL_TEMPLATE has a place of its own: write it as loadUrlTemplate/,
    ],
    [
      "credentials in an address",
      "least",
      { prometheusUrl: "https://me:secret@prometheus" },
      /prometheusUrl holds credentials.* name that in prometheusSecret/,
    ],
    ["an unknown key", "least", { replicas: 2 }, /'replicas' not allowed[^]*one of .*'receiver'/],
    [
      "an unknown role",
      "least",
      { roles: "both" },
      /\/roles': value must be one of 'all', 'split'/,
    ],
  ] as const)("%s", async ([, shape, set, sentence]) => {
    expect(await refusal(shape, set)).toMatch(sentence);
  });

  it("everything that is wrong at once", async () => {
    const text = await refusal("embedded", { ...image({ tag: "latest" }), roles: "split" });
    expect(text.match(/^ *- .*$/gm)).toHaveLength(2);
  });
});

describe("what the chart knows of the bot's settings", () => {
  const problems = readFileSync(resolve(sluiceChart, "templates/_problems.tpl"), "utf8");
  const settings = [...Object.values(settingsTable), ...Object.values(settingFamilies)];

  it("is which are secret", () => {
    const [, names] = /define "sluice\.secretNames" -}}\n(.*)\n/.exec(problems) ?? [];
    const secret = settings.filter((each) => "secret" in each && each.secret);
    expect(names?.split(" ").sort()).toEqual(secret.map(({ name }) => name).sort());
  });

  it("is which have a place of their own: names of settings, and no others", () => {
    const [places = ""] = /\$places := dict[^]*?-}}/.exec(problems) ?? [];
    const named = [...places.matchAll(/"([A-Z][A-Z_]+)"/g)].map(([, name]) => name);
    const known = settings.map(({ name }) => name);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => !known.includes(name ?? ""))).toEqual([]);
  });
});
