import { z } from "zod";

/** What several payloads have in common, and no more than is needed of it. */
export const repository = z.object({ id: z.number(), full_name: z.string() });

export const user = z.object({ login: z.string(), type: z.string().optional() });

export const sha = z.string().regex(/^[0-9a-f]{40}$/u);

/** One side of a pull request; the repository of a deleted fork is null. */
export const side = z.object({
  ref: z.string(),
  sha,
  repo: z.object({ id: z.number() }).nullable(),
});
