import { z } from "zod";

/** How the images that `match` (a regular expression on the image) behave once deployed; the first rule wins. */
export const ImageRule = z.strictObject({
  match: z.string(),
  outcome: z.enum([
    "healthy",
    "pullBackOff",
    "crashLoop",
    "slow",
    "flap",
    "degradeAfter",
    "crashAfter",
    "healAfter",
    "errors",
  ]),
  /** Milliseconds: until ready (slow), of each half of a flap, until it degrades, crashes or heals. */
  ms: z.number().min(0).optional(),
  /** For `errors`: the share of requests that a real instance fails. */
  failRate: z.number().min(0).max(1).optional(),
  /** Only in applications whose name matches this regular expression. */
  app: z.string().optional(),
});

export type ImageRule = z.infer<typeof ImageRule>;

export function ruleFor(rules: ImageRule[], app: string, images: string[]): ImageRule | undefined {
  return rules.find(
    (rule) =>
      (rule.app === undefined || new RegExp(rule.app).test(app)) &&
      images.some((image) => new RegExp(rule.match).test(image)),
  );
}
