import { afterEach, describe, expect, it } from "vitest";

import { listStops } from "#flow/keep-stops.ts";
import { receiveEvent } from "#flow/receive-event.ts";
import { openRepository } from "#flow/repository-context.ts";

import { demoPolicy, source, valuesFiles } from "../stage/seed.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

const america = "acme/america";

/** A second GitOps repository that is fed by the same source: it has `prod-us` instead of `prod`, and other tenants. */
async function start() {
  const platform = await aPlatform({
    others: [
      {
        name: "america",
        private: true,
        files: {
          ".github/sluice.yaml": demoPolicy().replace("name: prod", "name: prod-us"),
          ...valuesFiles(["us-a"], "sha-0000000", ""),
        },
        collaborators: { mona: "maintain" },
      },
    ],
  });
  open.push(platform);
  const at = { repository: source, user: "rita" };
  const { github } = platform;
  await github.act.push({ ...at, branch: "feature", files: { "a.txt": "1" } });
  const { number } = await github.act["pull-request"]({ ...at, head: "feature", title: "a" });
  await github.act.merge({ repository: source, number, user: "olivia" });
  return { platform, number };
}

/** Writes a command on the source's pull request; `hear` delivers it. */
async function write(
  { platform, number }: Awaited<ReturnType<typeof start>>,
  user: string,
  body: string,
) {
  const { github, deps, job } = platform;
  const { id } = await github.act.comment({ repository: source, number, user, body });
  const event = {
    kind: "comment.created",
    repository: source,
    number,
    commentId: id,
    body,
    createdAt: new Date().toISOString().replace(/\.\d+Z/, "Z"),
    author: user,
    authorIsBot: false,
    onPullRequest: true,
  } as const;
  const { installation } = job;
  const hear = async () =>
    receiveEvent(deps, { installation, event, witness: "github", at: new Date() }, jobContext);
  const answers = async () => {
    const all = await platform.host
      .installation(installation)
      .conversation(source)
      .comments(number);
    return all.flatMap((one) => (one.body.includes(`sluice:reply ${id} `) ? [one.body] : []));
  };
  return { hear, answers, reactions: () => platform.reactions(id) };
}

describe("a command on a pull request of a source that feeds several repositories", () => {
  it.for(["/promote", "/promote dev", "/status", "/promote dev --service demo-api"])(
    "is asked about once where it may be meant for both: %s",
    async (body) => {
      const stage = await start();
      const { hear, answers, reactions } = await write(stage, "mona", body);
      await hear();
      const [answer = "", ...more] = await answers();
      expect(more).toEqual([]);
      expect(answer).toContain("`acme/america`, `acme/platform`");
      expect(answer).toContain("dashboard issue");
      expect(await reactions()).toEqual(["confused"]);
      await Promise.all([hear(), hear()]);
      stage.platform.empty();
      await hear();
      expect(await answers()).toEqual([answer]);
      expect(await reactions()).toEqual(["confused"]);
    },
  );

  it("tells nobody of a repository that they may not see", async () => {
    const stage = await start();
    const { hear, answers } = await write(stage, "bob", "/promote dev");
    await hear();
    expect((await answers())[0]).toContain("`acme/platform`");
    expect((await answers())[0]).not.toContain("america");
  });

  it.for([
    ["/hold prod-us", america, "put `demo-api` in `prod-us` on hold"],
    ["/hold prod", "acme/platform", "put `demo-api` in `prod` on hold"],
    ["/promote dev --tenants us-*", america, "built from"],
    ["/promote dev --tenants tenant-a", "acme/platform", "built from"],
    ["/help", null, "Sluice reads the first line"],
  ] as const)(
    "is answered by the only one that has what it names: %s",
    async ([body, by, text]) => {
      const stage = await start();
      const { platform } = stage;
      const { hear, answers, reactions } = await write(stage, "mona", body);
      await hear();
      const [answer = "", ...more] = await answers();
      expect(answer).toContain(text);
      expect(more).toEqual([]);
      const before = await reactions();
      await hear();
      platform.empty();
      await hear();
      expect(await answers()).toEqual([answer]);
      expect(await reactions()).toEqual(before);
      const reconciled = new Set(platform.added.filter((one) => one.startsWith("reconcile")));
      expect([...reconciled]).toEqual(body.startsWith("/hold") ? [`reconcile ${by}`] : []);
    },
  );

  it("means what it meant when its job died and the policies changed in between", async () => {
    const stage = await start();
    const { github, deps } = stage.platform;
    const route = "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
    github.faults([{ fault: "503", method: "POST", route, body: "rocket", times: "always" }]);
    const { hear, reactions } = await write(stage, "mona", "/hold prod-us");
    await expect(hear()).rejects.toMatchObject({ code: "github.unavailable" });
    github.faults([]);
    // From now on both of them have it, and this one comes first.
    const files = { ".github/sluice.yaml": demoPolicy().replaceAll("prod", "prod-us") };
    for (const repository of ["acme/platform", america])
      await github.act.push({ repository, branch: "main", user: "olivia", files });
    await hear();
    expect(await reactions()).toEqual(["eyes", "rocket"]);
    const held = await Promise.all(
      ["acme/platform", america].map(async (repository) => {
        const job = { ...stage.platform.job, repository };
        const stops = await listStops(await openRepository(deps, job, jobContext));
        return stops.map(({ environment }) => environment);
      }),
    );
    expect(held).toEqual([[], ["prod-us"]]);
  });

  it.for([
    ["/promote prd", "Did you mean `prod`?"],
    ["/promot prod", "Did you mean `/promote`?"],
  ] as const)("is answered once where no repository understands it: %s", async ([body, text]) => {
    const stage = await start();
    const { answers, hear } = await write(stage, "mona", body);
    await hear();
    await hear();
    const all = await answers();
    expect(all).toHaveLength(1);
    expect(all[0]).toContain(text);
  });

  it("is none of anybody's where it is no command", async () => {
    const stage = await start();
    const { hear, answers, reactions } = await write(stage, "mona", "Shall we /promote this?");
    await hear();
    expect([await answers(), await reactions()]).toEqual([[], []]);
  });
});
