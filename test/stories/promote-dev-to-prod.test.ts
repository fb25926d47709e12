import { expect } from "vitest";

import { parseTrailers } from "#core/promotion-pull-request.ts";

import { image, platform, source } from "../stage/seed.ts";
import { story, type LoggedRequest, type Told } from "../stage/story.ts";

story("one image travels from its event to prod", {}, async (told) => {
  const { stage } = told;
  await told.idle();
  const before = await told.lastRequest();
  const built = await stage.build("feat: greet louder");
  await told.opened("dev", built.tag);
  await told.settled(["dev", "staging"], built.tag);
  const prod = await told.opened("prod", built.tag);
  expectFrugal(await told.requests(before));

  const waiting = await told.pull(prod.pull);
  expect(waiting).toMatchObject({
    state: "open",
    title: `promote(prod): demo-api ${stage.first.tag} → ${built.tag} (2 tenants)`,
    head: { ref: "sluice/prod/demo-api/all" },
    user: { login: "sluice[bot]" },
  });
  expect(waiting.labels.map(({ name }) => name).sort()).toEqual(["env: prod", "sluice"]);
  expect(waiting.body).toContain(built.digest);
  expect(waiting.body).toMatch(/- \[[ x]\] \*\*soak\*\*/);
  await expectOneCommit(told, waiting.head.sha, built);
  const gates = await told.check(
    platform,
    waiting.head.sha,
    "sluice/gates",
    ({ conclusion }) => conclusion === "success",
  );
  expect(gates.output.title).toBe("Ready to merge");

  const { id } = await told.comment("mona", prod.pull, "/promote");
  await told.reaction(id, "rocket");
  await told.settled(["prod"], built.tag);
  await told.running("prod", built.tag);
  await told.idle();

  for (const environment of ["dev", "staging", "prod"]) {
    const [merged, ...others] = await told.promotions(environment);
    expect(others).toEqual([]);
    expect(merged?.merged_at).not.toBeNull();
    const own = await told.checks(
      platform,
      merged?.merge_commit_sha ?? "",
      `sluice/${environment}`,
    );
    expect(own.map(({ status, conclusion }) => [status, conclusion])).toEqual([
      ["completed", "success"],
    ]);
    for (const tenant of stage.tenants)
      expect(await told.file(`gitops/tenants/${tenant}/${environment}.yaml`)).toContain(
        `tag: ${built.tag} # promoted by pull request\n  digest: "${built.digest}"`,
      );
  }
  const mirrored = await told.checks(source, built.revision);
  expect(mirrored.map(({ name, conclusion }) => `${name} ${conclusion}`).sort()).toEqual([
    "sluice/dev success",
    "sluice/prod success",
    "sluice/staging success",
  ]);
  expect((await told.branches()).filter((name) => name.startsWith("sluice"))).toEqual([]);
  expect((await told.comments(prod.pull)).map(({ user }) => user.login)).toEqual(["mona"]);
});

async function expectOneCommit(
  told: Told,
  head: string,
  built: { tag: string; digest: string; revision: string },
): Promise<void> {
  const { commit, author, parents } = await told.commit(head);
  expect(author?.login).toBe("sluice[bot]");
  expect(parents.map(({ sha }) => sha)).toEqual([await told.head()]);
  expect(parseTrailers(commit.message)).toMatchObject({
    stream: { environment: "prod", service: "demo-api", ring: "all" },
    artifact: { repository: image, tag: built.tag, digest: built.digest },
    requestedBy: null,
  });
}

/** Design §8: at most six reads and six writes from the event to the open pull request, sixteen writes a promotion. */
function expectFrugal(requests: readonly LoggedRequest[]): void {
  const label = requests.findIndex(({ route }) => route?.endsWith("/labels") === true);
  const untilOpen = requests.slice(0, label + 1);
  const shown = (some: readonly LoggedRequest[]) => some.map((one) => `${one.method} ${one.path}`);
  expect(shown(untilOpen.filter(isRead)).slice(6)).toEqual([]);
  expect(shown(untilOpen.filter((one) => !isRead(one))).slice(6)).toEqual([]);
  const labels = requests.flatMap(({ route }, index) =>
    route?.endsWith("/labels") === true ? [index] : [],
  );
  expect(labels).toHaveLength(3);
  // Dev's whole promotion and staging's are over when prod's pull request is open; its own writes are six.
  const writes = requests.filter((one) => !isRead(one));
  expect(shown(writes).slice(16 + 16 + 6)).toEqual([]);
}

function isRead({ method }: LoggedRequest): boolean {
  return method === "GET" || method === "HEAD";
}
