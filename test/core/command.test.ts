import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { commands } from "#core/command-table.ts";
import { parseCommand } from "#core/command.ts";

const known = { environments: ["dev", "staging", "prod"], services: ["demo-api", "web"] };
const parse = (body: string) => parseCommand(body, known);

const promote = (environment: string | null = null, service: string | null = null) => ({
  kind: "command",
  command: { name: "promote", environment, service },
});

describe("is understood", () => {
  it.for([
    ["/promote", promote()],
    ["/promote prod", promote("prod")],
    ["/promote   prod  ", promote("prod")],
    ["/promote\tprod", promote("prod")],
    ["/PROMOTE prod", promote("prod")],
    ["  /promote prod", promote("prod")],
    ["\n\n/promote prod", promote("prod")],
    ["/promote prod\r\nas agreed with @dana", promote("prod")],
    ["/promote\n/resume", promote()],
    ["`/promote prod`", promote("prod")],
    ["/promote --service web", promote(null, "web")],
    ["/promote prod --service web", promote("prod", "web")],
    ["/promote --service=web prod", promote("prod", "web")],
    ["/resume", { kind: "command", command: { name: "resume" } }],
    ["/retry", { kind: "command", command: { name: "retry" } }],
    ["/Help", { kind: "command", command: { name: "help" } }],
  ] as const)("%j", ([body, expected]) => {
    expect(parse(body)).toEqual(expected);
  });
});

describe("is left to others", () => {
  it.for([
    "",
    "\n \t\n",
    "please /promote prod",
    "LGTM\n/promote prod",
    "> /promote prod",
    "    /promote prod",
    "\t/promote prod",
    "```\n/promote prod\n```",
    "``/promote prod``",
    "<!-- note -->\n/promote prod",
    "<!-- /promote prod -->",
    "- /promote prod",
    "\ufeff/promote prod",
    "\u200b/promote prod",
    "\u00a0/promote prod",
    "／promote prod",
    "⁄promote prod",
    "/",
    "/lgtm",
    "/approve",
    "/merge",
    "/etc/passwd",
    "/promote\u00a0prod-please-now",
    "@sluice promote",
  ])("%j", (body) => {
    expect(parse(body)).toEqual({ kind: "none" });
  });
});

describe("is answered and not carried out", () => {
  it.for([
    ["/promte", "unknown-command", "/promote"],
    ["//promote", "unknown-command", "/promote"],
    ["/promot prod", "unknown-command", "/promote"],
    ["/pr\u043emote prod", "unknown-command", "/promote"],
    ["/\u0440romote", "unknown-command", "/promote"],
    ["/promote\u200b", "unknown-command", "/promote"],
    ["/re\u0455ume", "unknown-command", "/resume"],
    ["/promote prd", "unknown-name", "prod"],
    ["/promote Prod", "unknown-name", "prod"],
    ["/promote pr\u043ed", "unknown-name", "prod"],
    ["/promote qa-eu-central", "unknown-name", null],
    ["/promote ../x", "unknown-name", null],
    ["/promote --service wbe", "unknown-name", "web"],
    ["/promote --service", "wrong-arguments", null],
    ["/promote --service web --service web", "wrong-arguments", null],
    ["/promote prod dev", "wrong-arguments", null],
    ["/promote --dry-run", "wrong-arguments", null],
    ["/promote -x", "wrong-arguments", null],
    ["/resume prod", "wrong-arguments", null],
    ["/help me", "wrong-arguments", null],
    [`/promote ${"x".repeat(10_000)}`, "wrong-arguments", null],
  ] as const)("%j: %s", ([body, reason, nearest]) => {
    expect(parse(body)).toMatchObject({ kind: "not-understood", reason, nearest });
  });

  it.for(commands.filter((command) => !command.built))("/$name is not built yet", ({ name }) => {
    expect(parse(`/${name}`)).toEqual({ kind: "not-built", name });
    expect(parse(`/${name} whatever it takes`)).toEqual({ kind: "not-built", name });
  });
});

describe("the grammar", () => {
  const pieces = fc.constantFrom(
    "/promote",
    "/resume",
    "/retry",
    "/help",
    "/hold",
    "promote",
    "prod",
    "dev",
    "--service",
    "web",
    "=",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "`",
    "```",
    "> ",
    "    ",
    "<!--",
    "-->",
    "\u200b",
    "\u00a0",
    "\u043e",
    "＼",
    "-",
    "x",
  );
  const bodies = fc.oneof(
    fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary" }),
  );
  /** The grammar once more, as one expression over plain ASCII lines. */
  const grammar =
    /^(?:[ \t]*(?:\r\n|\r|\n))* {0,3}(`?) *\/(?:(?:promote(?:[ \t]+(?:(?:dev|staging|prod)|--service[ \t]+(?:demo-api|web)|--service=(?:demo-api|web)))*)|resume|retry|help)[ \t]*\1[ \t]*(?:$|\r\n|\r|\n)/i;

  it("carries nothing out that does not stand there in plain letters", () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const parsed = parse(body);
        if (parsed.kind === "command") expect(body).toMatch(grammar);
      }),
      { numRuns: 5000 },
    );
  });

  it("takes names only from the policy", () => {
    fc.assert(
      fc.property(bodies, fc.array(fc.string(), { maxLength: 3 }), (rest, environments) => {
        const parsed = parseCommand(`/promote ${rest}`, { environments, services: [] });
        if (parsed.kind !== "command" || parsed.command.name !== "promote") return;
        expect([null, ...environments]).toContain(parsed.command.environment);
        expect(parsed.command.service).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it("understands every command that it would tell people to write", () => {
    const service = fc.constantFrom("", " --service web", " --service=demo-api");
    const word = fc.constantFrom("promote", "PROMOTE", "Promote");
    const after = fc.oneof(
      fc.constant(""),
      fc.string().map((text) => `\n${text}`),
    );
    fc.assert(
      fc.property(word, fc.constantFrom("", " dev", " prod"), service, after, (...parts) => {
        expect(parse(`/${parts.join("")}`).kind).toBe("command");
      }),
    );
  });
});
