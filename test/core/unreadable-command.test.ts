import * as fc from "fast-check";
import { expect, it } from "vitest";

import { isUnreadable, parseCommand } from "#core/command.ts";

const known = { environments: ["dev", "staging", "prod"], services: ["demo-api", "web"] };

it.for([
  ["/promot", true],
  ["/promote --tennants a", true],
  ["/retry please", true],
  ["/freeze", true],
  ["/promote prod", false],
  ["/promote prd", false],
  ["/hold prod waits", false],
  ["/freeze prod the sale", false],
  ["/lgtm", false],
  ["LGTM", false],
] as const)("%j: %j", ([body, unreadable]) => {
  expect(isUnreadable(body)).toBe(unreadable);
});

it("what is unreadable stays so, whatever names there are", () => {
  const word = fc.constantFrom(
    ..."prod dev web prd --service --to --tenants --dry-run --service=web --to=v1 until 2026-12-24T18:00Z x".split(
      " ",
    ),
  );
  const name = fc.constantFrom(
    ..."promote rollback hold resume freeze unfreeze status plan retry help approve promot".split(
      " ",
    ),
  );
  fc.assert(
    fc.property(name, fc.array(word, { maxLength: 6 }), (command, words) => {
      const body = `/${command} ${words.join(" ")}`;
      if (isUnreadable(body)) expect(parseCommand(body, known).kind).toBe("not-understood");
    }),
    { numRuns: 5000 },
  );
});
