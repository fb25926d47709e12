import { z } from "zod";

const windows = z
  .array(z.object({ kind: z.string().nullish() }))
  .nullish()
  .catch(undefined);

/** `GET …/syncwindows`. Its `canSync` speaks of a person's sync only. */
export const WindowsJson = z.object({ activeWindows: windows, assignedWindows: windows });

/** A deny window closes it while it is active; an allow window closes it while none of them is. */
export function automatedWindow(json: z.output<typeof WindowsJson>): "open" | "closed" {
  const has = (list: z.output<typeof windows>, kind: string) =>
    (list ?? []).some((window) => window.kind === kind);
  if (has(json.activeWindows, "deny")) return "closed";
  const allowed = !has(json.assignedWindows, "allow") || has(json.activeWindows, "allow");
  return allowed ? "open" : "closed";
}
