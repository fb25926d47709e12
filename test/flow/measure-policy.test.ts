import { describe, expect, it } from "vitest";

import { measurePolicies, measurePolicy } from "#flow/measure-policy.ts";
import { remember } from "#flow/remember.ts";
import type { RepositoryContext } from "#flow/repository-context.ts";
import type { Meter } from "#ports/meter.ts";

import { memoryFacts } from "../adapters/github/support.ts";

function aProcess(facts = memoryFacts()) {
  const said: number[] = [];
  const meter: Pick<Meter, "set"> = { set: (_name, _labels, value) => void said.push(value) };
  const deps = { facts, meter } as unknown as RepositoryContext["deps"];
  return {
    said,
    reads: (repository: string, valid: boolean) =>
      measurePolicy({ deps, job: { installation: 1, repository } } as RepositoryContext, valid),
    sweeps: () => measurePolicies(deps),
  };
}

describe("policy_valid", () => {
  it("says nothing before any policy was read", async () => {
    const { sweeps, said } = aProcess();
    await sweeps();
    expect(said).toEqual([]);
  });

  it("is 1 only while all of them are valid", async () => {
    const { reads, said } = aProcess();
    await reads("acme/one", true);
    await reads("acme/two", false);
    await reads("acme/one", true);
    await reads("acme/two", true);
    expect(said).toEqual([1, 0, 0, 1]);
  });

  it("is mended at the next sweep of a process, whichever process saw that", async () => {
    const facts = memoryFacts();
    const [first, second] = [aProcess(facts), aProcess(facts)];
    await first.reads("acme/one", false);
    await second.reads("acme/one", true);
    expect(first.said.at(-1)).toBe(0);
    await first.sweeps();
    expect(first.said.at(-1)).toBe(1);
  });

  it("leaves out a repository that left with a broken one", async () => {
    const facts = memoryFacts();
    const { reads, sweeps, said } = aProcess(facts);
    await reads("acme/gone", false);
    await reads("acme/one", true);
    expect(said.at(-1)).toBe(0);
    await remember(facts, "acme/gone").forget();
    await sweeps();
    expect(said.at(-1)).toBe(1);
  });
});
