import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { takeTurns } from "#flow/take-turns.ts";

import { memoryFacts } from "../adapters/github/support.ts";

describe("takeTurns", () => {
  it("never writes twice at once, and writes last what everybody knew", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 8 }),
        async (scheduler, names) => {
          const facts = memoryFacts();
          const known = new Set<string>();
          const written: string[] = [];
          let writing = 0;
          const write = async () => {
            writing += 1;
            expect(writing).toBe(1);
            const seen = [...known].sort().join("");
            await scheduler.schedule(Promise.resolve(), "write");
            written.push(seen);
            writing -= 1;
          };
          // One job a stream: what one of them reports comes one after the other.
          const streams = Map.groupBy(names, (name) => name);
          const jobs = [...streams].map(async ([name, same]) => {
            for (const index of same.keys()) {
              await scheduler.schedule(Promise.resolve(), `report ${name}`);
              known.add(`${name}${index}`);
              await takeTurns(facts, "turn", name, write);
            }
          });
          await scheduler.waitFor(Promise.all(jobs));
          expect(written.at(-1)).toBe([...known].sort().join(""));
        },
      ),
    );
  });

  it("is taken up again by the job that died in it, and heard of by those who came meanwhile", async () => {
    const facts = memoryFacts();
    const died = takeTurns(facts, "turn", "a", () => Promise.reject(new Error("killed")));
    await expect(died).rejects.toThrow("killed");
    const written: string[] = [];
    await takeTurns(facts, "turn", "b", async () => void written.push("b"));
    expect(written).toEqual([]);
    await takeTurns(facts, "turn", "a", async () => void written.push("a"));
    await takeTurns(facts, "turn", "b", async () => void written.push("b"));
    expect(written).toEqual(["a", "b"]);
  });
});
