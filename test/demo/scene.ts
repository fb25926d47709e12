import type { Watched } from "../stage/watch.ts";
import type { Narrator } from "./narrate.ts";
import type { Person } from "./person.ts";

/** The stage, and everybody who has to do with it. */
export type Scene = Watched & {
  readonly tell: Narrator;
  readonly who: Person;
  /** Where GitHub's pages are. */
  readonly web: string;
  /** Where an image goes in prod, in order: `prod`, or `prod/canary` and the rings after it. */
  readonly prod: readonly string[];
  /** Nobody has to write `/promote` for prod. */
  readonly byItself: boolean;
  /** The tag that the story is about now. */
  tag: string;
};
