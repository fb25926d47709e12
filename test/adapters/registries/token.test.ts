import { afterEach, describe, expect, it } from "vitest";

import { readChallenge } from "#adapters/registries/challenge.ts";
import { imageName } from "#adapters/registries/image-name.ts";
import { isPublicAddress } from "#adapters/registries/public-address.ts";

import {
  anImage,
  aRegistry,
  type ARegistry,
  type Handler,
  registriesAt,
  repository,
  revision,
  serve,
} from "./a-registry.ts";

const open: ARegistry[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (registry) => registry.close()));
});

const image = anImage({ "org.opencontainers.image.revision": revision });

/** Asks for a token of the realm, and takes only that one. */
function guarded(realm: (url: URL, host: string) => string): Handler {
  return (request, response, url) => {
    if (url.pathname === "/token") response.end(JSON.stringify({ token: "minted" }));
    else if (request.headers.authorization === "Bearer minted") {
      serve(image.files)(request, response, url);
    } else {
      const where = realm(url, request.headers.host ?? "");
      const challenge = `Bearer realm="${where}",service="registry",scope="repository:x:push"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
    }
  };
}

describe("the token dance", () => {
  it("asks to pull this one repository, whatever the challenge says", async () => {
    const registry = await aRegistry(guarded((_url, host) => `http://${host}/token`));
    open.push(registry);
    const found = await registriesAt(registry).resolve(repository, "single");
    expect(found).toEqual({ kind: "found", digest: image.manifest, revision });
    const asked = registry.seen.filter(({ path }) => path.startsWith("/token"));
    expect(asked).toEqual([
      { path: "/token?scope=repository%3Aacme%2Fapi%3Apull&service=registry", authorization: null },
    ]);
  });

  it("sends the credential to the registry's own realm", async () => {
    const registry = await aRegistry(guarded((_url, host) => `http://${host}/token`));
    open.push(registry);
    await registriesAt(registry, { auth: "me:secret" }).resolve(repository, "single");
    const asked = registry.seen.find(({ path }) => path.startsWith("/token"));
    expect(asked?.authorization).toBe(`Basic ${Buffer.from("me:secret").toString("base64")}`);
  });

  it.for([
    "https://evil.example.com/token",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "not a url",
  ])("does not believe %s", async (realm) => {
    const registry = await aRegistry(guarded(() => realm));
    open.push(registry);
    const found = await registriesAt(registry, { auth: "me:secret" }).resolve(repository, "single");
    expect(found).toMatchObject({ kind: "unreadable", reason: "unsafe-address" });
  });
});

describe("a challenge", () => {
  it.for([
    {
      header: 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:a/b:pull"',
      challenge: {
        scheme: "bearer",
        realm: "https://ghcr.io/token",
        service: "ghcr.io",
        scope: "repository:a/b:pull",
      },
    },
    {
      header: 'bearer Realm="https://x/t"',
      challenge: { scheme: "bearer", realm: "https://x/t", service: null, scope: null },
    },
    { header: 'Basic realm="x"', challenge: { scheme: "basic" } },
    { header: 'Bearer service="x"', challenge: null },
    { header: "Negotiate", challenge: null },
    { header: "", challenge: null },
    { header: null, challenge: null },
  ])("$header", ({ header, challenge }) => {
    expect(readChallenge(header)).toEqual(challenge);
  });
});

describe("names and addresses", () => {
  it.for([
    ["ghcr.io/acme/api", { host: "ghcr.io", path: "acme/api" }],
    ["localhost:5000/api", { host: "localhost:5000", path: "api" }],
    ["docker.io/nginx", { host: "docker.io", path: "library/nginx" }],
    ["docker.io/acme/api", { host: "docker.io", path: "acme/api" }],
    ["acme/api", null],
    ["ghcr.io/Acme/api", null],
    ["ghcr.io/", null],
    ["ghcr.io/acme//api", null],
    ["ghcr.io/acme/api?x", null],
    ["user@ghcr.io/acme/api", null],
  ] as const)("%s", ([name, expected]) => {
    expect(imageName(name)).toEqual(expected);
  });

  it.for([
    ["8.8.8.8", true],
    ["2606:4700::1111", true],
    ["127.0.0.1", false],
    ["10.1.2.3", false],
    ["172.31.0.1", false],
    ["192.168.0.1", false],
    ["169.254.169.254", false],
    ["100.64.0.1", false],
    ["0.0.0.0", false],
    ["::1", false],
    ["::ffff:10.0.0.1", false],
    ["fd00::1", false],
    ["fe80::1", false],
    ["not an address", false],
  ] as const)("%s is public: %s", ([address, expected]) => {
    expect(isPublicAddress(address)).toBe(expected);
  });
});
