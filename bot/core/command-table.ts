/** The commands of a comment, in the order of `/help`. `built: false`: recognised, and answered that it is not there. */
export const commands = [
  {
    name: "promote",
    usage: "/promote [environment] [--service name]",
    does: "agrees to merge this promotion, as it stands now, once every gate has passed",
    built: true,
  },
  {
    name: "resume",
    usage: "/resume",
    does: "lifts what holds this service back in this environment, and lets closed promotions come again",
    built: true,
  },
  {
    name: "retry",
    usage: "/retry",
    does: "judges the last rollout once more, after its cause is gone",
    built: true,
  },
  { name: "help", usage: "/help", does: "shows this", built: true },
  { name: "rollback", usage: "/rollback", does: "promotes what was verified before", built: false },
  { name: "hold", usage: "/hold", does: "stops automatic promotion", built: false },
  { name: "freeze", usage: "/freeze", does: "stops an environment for a period", built: false },
  { name: "unfreeze", usage: "/unfreeze", does: "ends a freeze", built: false },
  { name: "status", usage: "/status", does: "shows what stands where", built: false },
  { name: "plan", usage: "/plan", does: "shows what would move", built: false },
] as const;

type CommandName = (typeof commands)[number]["name"];
export type BuiltCommandName = Extract<(typeof commands)[number], { built: true }>["name"];
export type UnbuiltCommandName = Exclude<CommandName, BuiltCommandName>;
