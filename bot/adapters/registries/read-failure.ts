import type { TagList } from "#ports/registry.ts";

export type Unreadable = Extract<TagList, { kind: "unreadable" }>;

/** Why a registry could not be read, thrown within these files only; the port gives it as a value. */
export class ReadFailure extends Error {
  readonly reason: string;

  constructor(reason: string, sentence: string) {
    super(sentence);
    this.reason = reason;
  }

  get unreadable(): Unreadable {
    return { kind: "unreadable", reason: this.reason, sentence: this.message };
  }
}
