import { git, runGit } from "./process.ts";

export const ZERO_SHA = "0".repeat(40);

/** `before` undefined: whatever it is now; the zero SHA: must not exist. `after` zero: delete. */
export type RefUpdate = { ref: string; before?: string | undefined; after: string };

export type RefUpdateOutcome = { ok: true } | { ok: false; message: string };

type Version = { at: number; sha: string | undefined };

/** The refs of one repository, kept in memory beside git's own store, with their past for stale reads. */
export class RefStore {
  readonly #directory: string;
  readonly #now: () => number;
  #refs = new Map<string, string>();
  #history = new Map<string, Version[]>();

  constructor(directory: string, now: () => number) {
    this.#directory = directory;
    this.#now = now;
  }

  /** Reads all refs from git again; returns what moved since they were last known. */
  async reload(): Promise<{ ref: string; before: string; after: string }[]> {
    const text = await git(this.#directory, ["for-each-ref", "--format=%(objectname) %(refname)"]);
    const fresh = new Map<string, string>();
    for (const line of text.split("\n").filter((l) => l !== "")) {
      fresh.set(line.slice(41), line.slice(0, 40));
    }
    const moved: { ref: string; before: string; after: string }[] = [];
    for (const [ref, after] of fresh) {
      const before = this.#refs.get(ref) ?? ZERO_SHA;
      if (before !== after) moved.push({ ref, before, after });
    }
    for (const [ref, before] of this.#refs) {
      if (!fresh.has(ref)) moved.push({ ref, before, after: ZERO_SHA });
    }
    for (const { ref, after } of moved) this.#set(ref, after === ZERO_SHA ? undefined : after);
    return moved;
  }

  /** The SHA of a full ref name, now or as it was at `asOf` (milliseconds). */
  get(ref: string, asOf?: number): string | undefined {
    if (asOf === undefined) return this.#refs.get(ref);
    const past = this.#history.get(ref)?.filter(({ at }) => at <= asOf);
    return past?.at(-1)?.sha;
  }

  /** Refs whose name starts with `prefix`, in the order of their names. */
  list(prefix: string, asOf?: number): { ref: string; sha: string }[] {
    const names = asOf === undefined ? this.#refs.keys() : this.#history.keys();
    return [...names]
      .filter((ref) => ref.startsWith(prefix))
      .map((ref) => ({ ref, sha: this.get(ref, asOf) }))
      .filter((entry): entry is { ref: string; sha: string } => entry.sha !== undefined)
      .toSorted((a, b) => (a.ref < b.ref ? -1 : 1));
  }

  /** All of them or none, each compared with the value it must have. */
  async update(updates: RefUpdate[]): Promise<RefUpdateOutcome> {
    const lines = updates.map(({ ref, before, after }) => {
      const old = before === undefined ? "" : `\0${before}`;
      if (after === ZERO_SHA) return `delete ${ref}${old === "" ? "\0" : old}\0`;
      return `update ${ref}\0${after}${old === "" ? "\0" : old}\0`;
    });
    const args = ["update-ref", "--no-deref", "-z", "--stdin"];
    const result = await runGit(this.#directory, args, lines.join(""));
    if (result.code !== 0) return { ok: false, message: result.stderr.trim() };
    for (const { ref, after } of updates) this.#set(ref, after === ZERO_SHA ? undefined : after);
    return { ok: true };
  }

  #set(ref: string, sha: string | undefined): void {
    if (sha === undefined) this.#refs.delete(ref);
    else this.#refs.set(ref, sha);
    const history = this.#history.get(ref) ?? [];
    history.push({ at: this.#now(), sha });
    this.#history.set(ref, history.slice(-50));
  }
}
