import { afterEach, describe, expect, it } from "vitest";

import { aSimulatedGitHub, type Simulated } from "./a-simulated-github.ts";

const open: Simulated[] = [];
afterEach(async () => {
  for (const simulated of open.splice(0)) await simulated.close();
});

/** `acme/platform` with one pull request of bob. */
async function aPull() {
  const simulated = await aSimulatedGitHub({
    seed: { collaborators: { rita: "maintain", bob: "write", erin: "write" } },
  });
  open.push(simulated);
  const { act } = simulated.github;
  const at = { repository: "acme/platform" };
  await act.push({ ...at, branch: "change", user: "bob", files: { "a.txt": "a\n" } });
  const pull = await act["pull-request"]({ ...at, user: "bob", head: "change", title: "change" });
  const review = (user: string, state: string) =>
    act.review({ ...at, number: pull.number, user, state });
  return { ...simulated, act, at, number: pull.number, review };
}

describe("reviews", () => {
  it("are none at first", async () => {
    const { repo, number } = await aPull();
    expect(await repo.reviews(number)).toEqual([]);
  });

  it("come in their order, with the head that each was given for", async () => {
    const { repo, number, review, act, at } = await aPull();
    const before = (await repo.pullRequest(number)).headRevision;
    await review("rita", "approve");
    await review("erin", "request_changes");
    await act.push({ ...at, branch: "change", user: "bob", files: { "a.txt": "b\n" } });
    const after = (await repo.pullRequest(number)).headRevision;
    await review("rita", "comment");
    await review("erin", "approve");
    const reviews = await repo.reviews(number);
    expect(reviews.map(({ by, byBot, state, head }) => [by, byBot, state, head])).toEqual([
      ["rita", false, "approved", before],
      ["erin", false, "changes-requested", before],
      ["rita", false, "commented", after],
      ["erin", false, "approved", after],
    ]);
    expect(reviews.every(({ at: given }) => !Number.isNaN(given.getTime()))).toBe(true);
  });

  it("that were dismissed say so", async () => {
    const { repo, number, review, github } = await aPull();
    const { id } = await review("rita", "approve");
    github.world.tables.reviews.update(id, { state: "DISMISSED" });
    expect((await repo.reviews(number)).map(({ state }) => state)).toEqual(["dismissed"]);
  });

  it("of an App are told from people's", async () => {
    const { repo, number, review } = await aPull();
    await review("dependabot[bot]", "approve");
    expect((await repo.reviews(number)).map(({ byBot }) => byBot)).toEqual([true]);
  });

  it("are read whole, over several pages", async () => {
    const { repo, number, review } = await aPull();
    for (let index = 0; index < 103; index += 1) await review("rita", "comment");
    await review("rita", "approve");
    const reviews = await repo.reviews(number);
    expect(reviews).toHaveLength(104);
    expect(reviews.at(-1)?.state).toBe("approved");
  });
});

describe("authors of a commit", () => {
  it("are whoever opened the pull request that brought it, not whoever merged it", async () => {
    const { host, github, act, at, number, repo } = await aPull();
    const { headRevision } = await repo.pullRequest(number);
    const source = host.installation(github.installationId).source("acme/platform");
    const { sha } = await act.merge({ ...at, number, user: "rita" });
    expect(await source.authors(sha)).toEqual(["bob"]);
    expect(await source.authors(headRevision)).toEqual(["bob"]);
  });

  it("are whoever wrote it, where no pull request brought it", async () => {
    const { host, github, act, at } = await aPull();
    const { sha } = await act.push({ ...at, user: "erin", files: { "b.txt": "b\n" } });
    const source = host.installation(github.installationId).source("acme/platform");
    expect(await source.authors(sha)).toEqual(["erin"]);
  });

  it("of a commit that is only proposed are whoever wrote it", async () => {
    const { host, github, number, repo } = await aPull();
    const { headRevision } = await repo.pullRequest(number);
    const source = host.installation(github.installationId).source("acme/platform");
    expect(await source.authors(headRevision)).toEqual(["bob"]);
  });
});
