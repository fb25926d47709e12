import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseCommand } from "#core/command.ts";

const known = { environments: ["dev", "staging", "prod"], services: ["demo-api", "web"] };
const parse = (body: string) => parseCommand(body, known);

const nothing = { environment: null, service: null, to: null, tenants: null, dryRun: false };
const mover = (name: string, options: object = {}) => ({
  kind: "command",
  command: { name, ...nothing, ...options },
});
const promote = (environment: string | null = null, service: string | null = null) =>
  mover("promote", { environment, service });

const stop = (name: string, options: object) => ({
  kind: "command",
  command: { name, ...options },
});
const aHold = { environment: null, service: null, reason: "", dryRun: false };
const aFreeze = { environment: "prod", until: null, dryRun: false };

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
    ["/promote --dry-run", mover("promote", { dryRun: true })],
    ["/promote --tenants tenant-a,eu-*", mover("promote", { tenants: ["tenant-a", "eu-*"] })],
    [
      "/promote prod --to v2 --tenants=*",
      mover("promote", { environment: "prod", to: "v2", tenants: ["*"] }),
    ],
    ["/rollback", mover("rollback")],
    ["/ROLLBACK prod", mover("rollback", { environment: "prod" })],
    [
      "/rollback --to=sha-1a2b3c4 prod",
      mover("rollback", { environment: "prod", to: "sha-1a2b3c4" }),
    ],
    [
      "/rollback prod --service web --to v1 --tenants a --dry-run",
      mover("rollback", {
        environment: "prod",
        service: "web",
        to: "v1",
        tenants: ["a"],
        dryRun: true,
      }),
    ],
    ["/resume", stop("resume", { environment: null, service: null })],
    ["/resume prod --service web", stop("resume", { environment: "prod", service: "web" })],
    ["/hold", stop("hold", aHold)],
    ["/hold prod", stop("hold", { ...aHold, environment: "prod" })],
    ["/hold the metrics look odd", stop("hold", { ...aHold, reason: "the metrics look odd" })],
    [
      "/hold prod --service=web --dry-run it --is odd",
      {
        ...stop("hold", {
          environment: "prod",
          service: "web",
          dryRun: true,
          reason: "it --is odd",
        }),
      },
    ],
    ["/freeze prod the sale", stop("freeze", { ...aFreeze, reason: "the sale" })],
    [
      "/freeze prod until 2026-12-24 18:00 Europe/Berlin the sale",
      stop("freeze", { ...aFreeze, until: new Date("2026-12-24T17:00Z"), reason: "the sale" }),
    ],
    [
      "/freeze --dry-run prod until 2026-12-24T18:00Z sale",
      stop("freeze", {
        ...aFreeze,
        until: new Date("2026-12-24T18:00Z"),
        reason: "sale",
        dryRun: true,
      }),
    ],
    ["/unfreeze", stop("unfreeze", { environment: null })],
    ["/unfreeze prod", stop("unfreeze", { environment: "prod" })],
    ["/status", stop("status", { environment: null })],
    ["/PLAN prod", stop("plan", { environment: "prod" })],
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
    "/merge",
    "/etc/passwd",
    "/promote\u00a0prod-please-now",
    "@sluice promote",
  ])("%j", (body) => {
    expect(parse(body)).toEqual({ kind: "none" });
  });

  // Prow, Mergify, Dependabot, Atlantis, review bots and deployment bots: what people write to them beside ours.
  const others =
    "area assign azp backport bark build cancel cc check-cla cherry-pick cherrypick close deploy describe diff duplicate " +
    "format fix honk import improve joke kind label lgtm lifecycle lock merge meow milestone noop ok-to-test " +
    "override pony preview priority queue ready rebase recheck recreate refresh release remove remove-hold remove-kind " +
    "reopen requeue reset resolve restart rerun retest retest-required retitle revert review run shrug skip squash start " +
    "state stop summarize test transfer-issue triage unapprove unassign unblock uncc undeploy unhold unlock update " +
    "verify version woof";
  it.for(others.split(" "))("/%s, which is another bot's", (word) => {
    expect(parse(`/${word}`)).toEqual({ kind: "none" });
    expect(parse(`/${word} prod`)).toEqual({ kind: "none" });
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
    ["/promote --dry-run --dry-run", "wrong-arguments", null],
    ["/promote --dry-runs", "wrong-arguments", "--dry-run"],
    ["/promote -x", "wrong-arguments", null],
    ["/rollback --tennants a", "wrong-arguments", "--tenants"],
    ["/rollback --to", "wrong-arguments", null],
    ["/rollback --to=", "wrong-arguments", null],
    ["/rollback --to ../v1", "wrong-arguments", null],
    ["/rollback --to v1 --to v2", "wrong-arguments", null],
    ["/rollback --tenants a,../b", "wrong-arguments", null],
    ["/rollback --tenants a,", "wrong-arguments", null],
    ["/rollback --tenants A", "wrong-arguments", null],
    ["/rollback prdo", "unknown-name", "prod"],
    ["/rolback prod", "unknown-command", "/rollback"],
    ["/resume prd", "unknown-name", "prod"],
    ["/resume prod now", "wrong-arguments", null],
    ["/resume --dry-run", "wrong-arguments", null],
    ["/hold prd it is odd", "unknown-name", "prod"],
    ["/hold --service", "wrong-arguments", null],
    ["/hold --service wbe", "unknown-name", "web"],
    ["/hold --tenants a", "wrong-arguments", null],
    ["/freeze", "wrong-arguments", null],
    ["/freeze prod", "wrong-arguments", null],
    ["/freeze prdo the sale", "unknown-name", "prod"],
    ["/freeze prod until tomorrow the sale", "wrong-arguments", null],
    ["/freeze prod until 2026-12-24 18:00 the sale", "wrong-arguments", null],
    ["/freeze prod until 2026-12-24T18:00Z", "wrong-arguments", null],
    ["/unfreeze stagin", "unknown-name", "staging"],
    ["/unfreez prod", "unknown-command", "/unfreeze"],
    ["/status prod now", "wrong-arguments", null],
    ["/statsu", "unknown-command", "/status"],
    ["/hepl", "unknown-command", "/help"],
    ["/ohld prod", "unknown-command", "/hold"],
    ["/Promoet prod", "unknown-command", "/promote"],
    ["/unfrezee", "unknown-command", "/unfreeze"],
    ["/plans", "unknown-command", "/plan"],
    ["/help me", "wrong-arguments", null],
    [`/promote ${"x".repeat(10_000)}`, "wrong-arguments", null],
  ] as const)("%j: %s", ([body, reason, nearest]) => {
    expect(parse(body)).toMatchObject({ kind: "not-understood", reason, nearest });
  });
});

describe("the grammar", () => {
  const pieces = fc.constantFrom(
    "/promote",
    "/rollback",
    "/resume",
    "/retry",
    "/help",
    "/hold",
    "/freeze",
    "until",
    "2026-12-24T18:00Z",
    "/status",
    "promote",
    "prod",
    "dev",
    "--service",
    "--to",
    "--tenants",
    "--dry-run",
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
  const option =
    /dev|staging|prod|--service(?:[ \t]+|=)(?:demo-api|web)|--to(?:[ \t]+|=)[a-z0-9_][\w.-]*|--tenants(?:[ \t]+|=)[a-z0-9*][a-z0-9*,-]*|--dry-run/;
  // What stands behind a hold or a freeze may be any text of that line.
  const others =
    /(?:hold|freeze)(?:[ \t][^\r\n]*)?|resume(?:[ \t]+(?:dev|staging|prod|--service(?:[ \t]+|=)(?:demo-api|web)))*|(?:unfreeze|status|plan)(?:[ \t]+(?:dev|staging|prod))?|approve(?:[ \t]+[a-z0-9-]+)?|retry|help/;
  const grammar = new RegExp(
    String.raw`^(?:[ \t]*(?:\r\n|\r|\n))* {0,3}(${"`"}?) *\/(?:(?:promote|rollback)(?:[ \t]+(?:${option.source}))*|${others.source})[ \t]*\1[ \t]*(?:$|\r\n|\r|\n)`,
    "i",
  );

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
