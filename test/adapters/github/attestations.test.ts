import nock from "nock";
import { afterEach, describe, expect, it } from "vitest";

import { unpack } from "#adapters/github/repository/attestations.ts";
import { unpackSnappy } from "#adapters/github/repository/unpack-snappy.ts";

import { aGitHub, connect, json } from "./a-github.ts";
import { aSimulatedGitHub, type Simulated } from "./a-simulated-github.ts";

const open: Simulated[] = [];
afterEach(async () => {
  for (const simulated of open.splice(0)) await simulated.close();
});

const digest = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;

async function aSource() {
  const simulated = await aSimulatedGitHub({ others: [{ name: "demo-api" }] });
  open.push(simulated);
  const { host, github } = simulated;
  const source = host.installation(github.installationId).source("acme/demo-api");
  const attest = (repository: string, subject: string, bundle: object) =>
    github.act.attest({ repository, digest: subject, bundle });
  return { ...simulated, source, attest };
}

describe("attestations", () => {
  it("are those of the image and the repository, as they were given", async () => {
    const { source, attest } = await aSource();
    expect(await source.attestations(digest)).toEqual({ kind: "found", bundles: [] });
    await attest("acme/demo-api", digest, { mediaType: "one" });
    await attest("acme/demo-api", other, { mediaType: "two" });
    await attest("acme/platform", digest, { mediaType: "three" });
    const read = await source.attestations(digest);
    expect(read).toEqual({ kind: "found", bundles: [{ mediaType: "one" }] });
  });

  it("that the App may not read are told with the permission", async () => {
    const { source, github } = await aSource();
    const { installations } = github.world.tables;
    const [{ id, permissions } = { id: 0, permissions: {} }] = installations.filter(() => true);
    const { attestations: _without, ...rest } = permissions as Record<string, "read">;
    installations.update(id, { permissions: rest });
    expect(await source.attestations(digest)).toMatchObject({
      kind: "refused",
      remedy: expect.stringContaining("attestations: read"),
    });
  });
});

describe("a bundle that is kept elsewhere", () => {
  const address = "https://bundles.example.com/1.json.sn?sig=secret";
  const packed = Buffer.from([13, ...literal('{"kept":true}')]);
  afterEach(() => nock.cleanAll());

  /** What GitHub's answer with this address comes to. */
  async function fetched(bundleUrl: string) {
    const github = await aGitHub((_asked, response) =>
      json(response, 200, { attestations: [{ repository_id: 1, bundle_url: bundleUrl }] }),
    );
    try {
      return await connect(github.url).installation(7).source("acme/demo-api").attestations(digest);
    } finally {
      await github.close();
    }
  }

  it("is fetched without a token, and unpacked", async () => {
    const host = nock("https://bundles.example.com", { badheaders: ["authorization"] })
      .get("/1.json.sn?sig=secret")
      .reply(200, packed);
    expect(await fetched(address)).toEqual({ kind: "found", bundles: [{ kept: true }] });
    expect(host.isDone()).toBe(true);
  });

  it.for([
    ["that is gone", 404, packed],
    ["that is too large", 200, Buffer.alloc(1024 * 1024 + 1)],
  ] as const)("%s is no attestation", async ([, status, body]) => {
    nock("https://bundles.example.com").get("/1.json.sn?sig=secret").reply(status, body);
    const read = await fetched(address);
    expect(read.kind).toBe("refused");
    expect(JSON.stringify(read)).not.toContain("sig=secret");
  });

  it("is fetched from no other than a https address", async () => {
    expect((await fetched("http://127.0.0.1:1/1.json")).kind).toBe("refused");
    expect((await fetched("nowhere")).kind).toBe("refused");
  });
});

describe("packed bundles", () => {
  const text = JSON.stringify({ mediaType: "aaaaaaaaaaaaaaaaaaaa" });

  it.for([
    ["a literal", [...literal(text)]],
    // 14 bytes, then the letter copied over itself.
    [
      "copies",
      [
        ...literal(text.slice(0, 15)),
        (((19 - 4) & 7) << 2) | 1,
        1,
        ((8 - 1) << 2) | 2,
        1,
        0,
        ...literal(text.slice(34)),
      ],
    ],
  ] as const)("%s", ([, body]) => {
    const packed = Buffer.from([text.length, ...body]);
    expect(unpackSnappy(packed, 1000)?.toString()).toBe(text);
    expect(unpack(packed)).toEqual({ mediaType: "aaaaaaaaaaaaaaaaaaaa" });
  });

  it("that are not packed are read as they are", () => {
    expect(unpack(Buffer.from(text))).toEqual(JSON.parse(text));
  });

  it.for<[string, number[]]>([
    ["nothing", []],
    ["cut", [10, ...literal("abc")]],
    ["more than it says", [2, ...literal("abc")]],
    ["a literal beyond the end", [3, 2 << 2, 97]],
    ["a copy from before the beginning", [4, 1, 1]],
    ["a copy of nothing", [5, 0, 97, 1, 0]],
    ["an endless length", [255, 255, 255, 255, 255, 255]],
    ["more than is taken", [0xe9, 0x07, 0, 97]],
  ])("%s is none", ([, bytes]) => {
    expect(unpackSnappy(Buffer.from(bytes), 1000)).toBeNull();
    expect(unpack(Buffer.from(bytes))).toBeNull();
  });
});

function literal(text: string): readonly number[] {
  return [(text.length - 1) << 2, ...Buffer.from(text)];
}
