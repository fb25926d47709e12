import { misread, type Misread } from "./command-options.ts";
import { isName, nameRule } from "./name.ts";
import { quoted } from "./nearest.ts";

/** A person agrees to what a gate `manual` asks for. */
export type ApproveCommand = {
  readonly name: "approve";
  /** The gate's name in the policy; null: the only one that there is. */
  readonly gate: string | null;
};

/** Reads what stands behind `/approve`: nothing, or a gate's name. */
export function readApproveCommand(
  values: readonly string[],
  usage: string,
): { readonly kind: "command"; readonly command: ApproveCommand } | Misread {
  const [gate = null, ...more] = values;
  if (more.length > 0) return misread("wrong-arguments", `One gate at a time: write \`${usage}\`.`);
  if (gate !== null && !isName(gate))
    return misread("wrong-arguments", `${quoted(gate)} is no name of a gate: ${nameRule}.`);
  return { kind: "command", command: { name: "approve", gate } };
}
