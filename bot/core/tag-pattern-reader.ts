/** What a part of a pattern can stand for, as far as tags go. */
export type Item = {
  /** Characters that it may begin or go on with; of a group, all those of its alternatives. */
  readonly characters: ReadonlySet<string>;
  /** Null for a single character. */
  readonly alternatives: readonly (readonly Item[])[] | null;
  readonly min: number;
  readonly max: number;
};

/** OCI distribution specification 1.1: what a tag is made of. */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".split("");

/** `^` and `$`: no character of a tag can stand in their place. */
const anchor: Item = { characters: new Set(), alternatives: null, min: 1, max: 1 };

/** A construct whose cost cannot be bounded here; its text is the message. */
export class UnreadablePattern extends Error {}

/**
 * Takes apart a regular expression that the engine has accepted with the flag `u`. Word boundaries are left
 * out; look-around and back-references are refused.
 */
export function readPattern(source: string): readonly (readonly Item[])[] {
  const reader = new Reader(source);
  return reader.alternatives();
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  alternatives(): Item[][] {
    const all: Item[][] = [[]];
    while (this.#at < this.#source.length && !this.#sees(")")) {
      if (this.#take(/\|/y) !== null) all.push([]);
      else if (this.#take(/[$^]/y) !== null) all.at(-1)?.push(anchor);
      else if (this.#take(/\\[bB]/y) === null) all.at(-1)?.push(this.#quantified());
    }
    return all;
  }

  #quantified(): Item {
    const one = this.#sees("(") ? this.#group() : this.#character();
    const quantifier = this.#take(/(?:[*+?]|\{\d+(?:,\d*)?\})\??/y);
    return { ...one, ...bounds(quantifier) };
  }

  #group(): Item {
    if (this.#take(/\((?:\?:|\?<[\p{ID_Start}$_][\p{ID_Continue}$]*>|(?!\?))/uy) === null) {
      throw new UnreadablePattern('write it without look-around ("(?=", "(?!", "(?<=", "(?<!")');
    }
    const alternatives = this.alternatives();
    this.#at++;
    const items = alternatives.flat();
    const characters = new Set(items.flatMap((item) => [...item.characters]));
    return { characters, alternatives, min: 1, max: 1 };
  }

  #character(): Item {
    const text = this.#take(
      /\[(?:\\.|[^\]\\])*\]|\\(?:u\{[^}]*\}|u....|x..|c.|[pP]\{[^}]*\}|k<[^>]*>|.)|./suy,
    );
    if (text === null || /^\\[1-9k]/.test(text)) {
      throw new UnreadablePattern("write it without back-references");
    }
    const one = new RegExp(`^${text}$`, "u");
    const characters = new Set(alphabet.filter((character) => one.test(character)));
    return { characters, alternatives: null, min: 1, max: 1 };
  }

  #sees(text: string): boolean {
    return this.#source.startsWith(text, this.#at);
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0] ?? null;
    this.#at += text?.length ?? 0;
    return text;
  }
}

function bounds(quantifier: string | null): { min: number; max: number } {
  switch (quantifier?.[0]) {
    case undefined:
      return { min: 1, max: 1 };
    case "*":
      return { min: 0, max: Infinity };
    case "+":
      return { min: 1, max: Infinity };
    case "?":
      return { min: 0, max: 1 };
    default: {
      const [min = "0", max = min] = (quantifier ?? "").replaceAll(/[{}?]/g, "").split(",");
      return { min: Number(min), max: max === "" ? Infinity : Number(max) };
    }
  }
}
