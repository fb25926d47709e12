import { afterEach, describe, expect, it } from "vitest";

import { aSimulatedGitHub, type Simulated } from "./a-simulated-github.ts";
import { memoryFacts } from "./support.ts";

const open: Simulated[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((simulated) => simulated.close()));
});

async function start(facts = memoryFacts()) {
  const simulated = await aSimulatedGitHub({ facts });
  open.push(simulated);
  const { revision } = await simulated.repo.head();
  const wanted = {
    revision,
    environment: "prod",
    task: "deploy:demo-api/all",
    id: "promotion:1",
    description: "demo-api: v2 is being rolled out.",
    production: true,
    state: null,
  } as const;
  const connect = (host = simulated.host) =>
    host.installation(simulated.github.installationId).deployments("acme/platform");
  const { deployments, deploymentStatuses } = simulated.github.world.tables;
  return { ...simulated, wanted, connect, deployments, statuses: deploymentStatuses };
}

describe("a deployment", () => {
  it("takes one write to begin and one to end, and none where nothing has changed", async () => {
    const { connect, wanted, asked, deployments, statuses } = await start();
    asked();
    await connect().report(wanted);
    await connect().report(wanted);
    await connect().report({ ...wanted, state: "success" });
    await connect().report({ ...wanted, state: "success" });
    const route = "/repos/{owner}/{repo}/deployments";
    expect(asked()).toEqual([
      `GET ${route}`,
      `POST ${route}`,
      `POST ${route}/{deployment_id}/statuses`,
    ]);
    expect(deployments.all()).toMatchObject([
      {
        environment: "prod",
        sha: wanted.revision,
        payload: { sluice: "promotion:1" },
        production: true,
        transient: false,
      },
    ]);
    expect(statuses.all()).toMatchObject([{ state: "success" }]);
  });

  it("says that it is in progress, and goes on from there after everything was forgotten", async () => {
    const facts = memoryFacts();
    const { connect, wanted, statuses } = await start(facts);
    const long = { ...wanted, state: "in_progress" } as const;
    await connect().report(long);
    for (const name of (await facts.list("deployment/")).keys()) await facts.delete([name]);
    await connect().report(long);
    await connect().report({ ...wanted, state: "success" });
    expect(statuses.all()).toMatchObject([{ state: "in_progress" }, { state: "success" }]);
  });

  it("leaves those before it as they are: other services and rings run in the same environment", async () => {
    const { connect, wanted, statuses } = await start();
    await connect().report({ ...wanted, production: false, state: "success" });
    await connect().report({ ...wanted, production: false, id: "promotion:2", state: "success" });
    expect(statuses.all()).toMatchObject([{ state: "success" }, { state: "success" }]);
  });

  it("is found again by its payload after everything was forgotten, also by another worker", async () => {
    const facts = memoryFacts();
    const { connect, wanted, deployments, statuses } = await start(facts);
    await connect().report({ ...wanted, state: "failure" });
    for (const name of (await facts.list("deployment/")).keys()) await facts.delete([name]);
    await connect().report({ ...wanted, state: "failure" });
    expect(deployments.all()).toHaveLength(1);
    expect(statuses.all()).toHaveLength(1);
    await connect().report({ ...wanted, id: "promotion:2" });
    expect(deployments.all()).toHaveLength(2);
  });

  it("is not made twice when GitHub's answer was lost", async () => {
    const { connect, wanted, github, deployments } = await start();
    const route = "/repos/{owner}/{repo}/deployments";
    github.faults([{ fault: "apply-then-502", method: "POST", route }]);
    await connect().report(wanted);
    expect(deployments.all()).toHaveLength(1);
  });

  it("is not told twice how it ended when GitHub's answer was lost", async () => {
    const { connect, wanted, github, statuses } = await start();
    const route = "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses";
    github.faults([{ fault: "apply-then-502", method: "POST", route }]);
    await connect().report({ ...wanted, state: "success" });
    await connect().report({ ...wanted, state: "success" });
    expect(statuses.all()).toMatchObject([{ state: "success" }]);
  });
});
