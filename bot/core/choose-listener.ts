import type { KnownNames, Misread } from "./command-options.ts";
import { parseCommand, type Command } from "./command.ts";
import { matchesTenant } from "./ring.ts";

/** A GitOps repository that a command may be meant for, with every name that it knows. */
export type Listener = KnownNames & {
  readonly repository: string;
  readonly tenants: readonly string[];
};

export type ChosenListener =
  | { readonly kind: "chosen"; readonly repository: string }
  /** Nobody can say which one is meant. */
  | { readonly kind: "ambiguous" }
  /** It would not be understood anywhere. */
  | Misread;

/**
 * Which of several GitOps repositories a command is meant for that was written where none of them is: the only one that
 * has everything that it names. What the same answer comes from everywhere is answered by the first.
 */
export function chooseListener(body: string, listeners: readonly Listener[]): ChosenListener {
  const fitting = listeners.filter((listener) => {
    const parsed = parseCommand(body, listener);
    return parsed.kind === "command" && hasTenants(listener, parsed.command);
  });
  const everybody = parseCommand(body, {
    environments: unique(listeners.flatMap(({ environments }) => environments)),
    services: unique(listeners.flatMap(({ services }) => services)),
  });
  if (everybody.kind === "not-understood") return everybody;
  const [first, ...others] = fitting;
  const isHelp = everybody.kind === "command" && everybody.command.name === "help";
  if (first !== undefined && (others.length === 0 || isHelp))
    return { kind: "chosen", repository: first.repository };
  return { kind: "ambiguous" };
}

function hasTenants({ tenants }: Listener, command: Command): boolean {
  if (command.name !== "promote" && command.name !== "rollback") return true;
  return (command.tenants ?? []).every((pattern) =>
    tenants.some((tenant) => matchesTenant(pattern, tenant)),
  );
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
