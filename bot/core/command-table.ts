import type { OptionName } from "./command-options.ts";

type Row = {
  readonly name: string;
  readonly usage: string;
  readonly does: string;
  readonly options: readonly OptionName[];
};

/** The commands of a comment, in the order of `/help`. */
export const commands = [
  {
    name: "promote",
    usage: "/promote [environment] [--service name] [--to tag] [--tenants names] [--dry-run]",
    does: "agrees to merge this promotion, as it stands now, once every gate has passed; with a tag or tenants, opens one that moves just that",
    options: ["service", "to", "tenants", "dry-run"],
  },
  {
    name: "approve",
    usage: "/approve [gate]",
    does: "says what a gate `manual` waits for, of this promotion as it stands now",
    options: [],
  },
  {
    name: "rollback",
    usage: "/rollback [environment] [--service name] [--to tag] [--tenants names] [--dry-run]",
    does: "takes it back at once to what was verified there before, or to the tag that you name",
    options: ["service", "to", "tenants", "dry-run"],
  },
  {
    name: "hold",
    usage: "/hold [environment] [--service name] [--dry-run] [reason]",
    does: "stops automatic promotion of this service, or of a whole environment, until `/resume`",
    options: [],
  },
  {
    name: "resume",
    usage: "/resume [environment] [--service name]",
    does: "lifts what holds this service back in this environment, and lets closed promotions come again",
    options: [],
  },
  {
    name: "freeze",
    usage: "/freeze <environment> [--dry-run] [until <time>] <reason>",
    does: "stops an environment for a period; a time is written as in `2026-12-24 18:00 Europe/Berlin`",
    options: [],
  },
  {
    name: "unfreeze",
    usage: "/unfreeze [environment]",
    does: "ends a freeze that a person set",
    options: [],
  },
  {
    name: "status",
    usage: "/status [environment]",
    does: "shows what runs where, what waits and what is stopped",
    options: [],
  },
  {
    name: "plan",
    usage: "/plan [environment]",
    does: "shows what would move now, and what keeps it",
    options: [],
  },
  {
    name: "retry",
    usage: "/retry",
    does: "tries the load test or the last rollout that failed once more",
    options: [],
  },
  { name: "help", usage: "/help", does: "shows this", options: [] },
] as const satisfies readonly Row[];

export type CommandName = (typeof commands)[number]["name"];
