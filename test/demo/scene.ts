import type { Watched } from "../stage/watch.ts";
import type { Narrator } from "./narrate.ts";
import type { Person } from "./person.ts";

/** The stage, and everybody who has to do with it. */
export type Scene = Watched & {
  readonly tell: Narrator;
  readonly who: Person;
  /** Where GitHub's pages are. */
  readonly web: string;
  /** The tag that the story is about now. */
  tag: string;
};
