import type { z } from "zod";

import type { SluiceEvent } from "#core/event.ts";

/** Turns the payload of one kind of event into our own words; `appId` tells our own check runs from others'. */
export type Reader = (payload: unknown, appId: number) => SluiceEvent;

export function ignored(reason: string): SluiceEvent {
  return { kind: "ignored", reason };
}

/** A reader behind a minimal schema: a payload that lacks what is needed is ignored with its reason, never an error. */
export function readerOf<T>(
  schema: z.ZodType<T>,
  read: (payload: T, appId: number) => SluiceEvent,
): Reader {
  return (payload, appId) => {
    const parsed = schema.safeParse(payload);
    if (parsed.success) return read(parsed.data, appId);
    const paths = parsed.error.issues.map((issue) => issue.path.join("."));
    return ignored(`the payload lacks ${paths.join(", ")}`);
  };
}
