import { z } from "zod";

import { ignored, type Reader, readerOf } from "./reader.ts";

const schema = z.object({ action: z.string() });

/** Which repositories there are is read again, whatever happened to an installation. */
export const readInstallation: Reader = readerOf(schema, () => ({ kind: "repositories.changed" }));

const actions = new Set([
  "renamed",
  "transferred",
  "deleted",
  "archived",
  "unarchived",
  "edited",
  "created",
]);

export const readRepository: Reader = readerOf(schema, ({ action }) =>
  actions.has(action) ? { kind: "repositories.changed" } : ignored(`repository ${action}`),
);
