import { readFileSync } from "node:fs";

import type { Setting } from "./settings-table.ts";

export type Environment = Readonly<Record<string, string | undefined>>;
export type ReadFile = (path: string) => string;

export const readTextFile: ReadFile = (path) => readFileSync(path, "utf8");

/** Reads settings by name, and collects what is wrong with them and what is secret in them. */
export class SettingsSource {
  readonly problems: string[] = [];
  readonly secrets = new Set<string>();
  readonly #environment: Environment;
  readonly #readFile: ReadFile;

  constructor(environment: Environment, readFile: ReadFile) {
    this.#environment = environment;
    this.#readFile = readFile;
  }

  /** The names that are written, `_FILE` taken off. */
  names(): ReadonlySet<string> {
    const written = Object.entries(this.#environment).filter(([, text]) => (text ?? "") !== "");
    return new Set(written.map(([name]) => name.replace(/_FILE$/, "")));
  }

  /** The value of a setting, under its own name or another; null where it is not written or wrong. */
  read<T>(setting: Setting<T>, name = setting.name): T | null {
    const text = this.#text(name) ?? setting.fallback ?? null;
    if (text === null) {
      if (setting.fallback === undefined)
        this.problems.push(`${name} is not set: ${setting.meaning}`);
      return null;
    }
    return this.parse({ ...setting, name }, text);
  }

  /** What a text means for a setting; null where it is wrong. */
  parse<T>(setting: Setting<T>, text: string): T | null {
    const parsed = setting.parse(text);
    if (setting.secret === true)
      this.#remember(text, parsed.kind === "value" ? parsed.value : text);
    if (parsed.kind === "value") return parsed.value;
    this.problems.push(
      `${setting.name} ${parsed.sentence}${parsed.sentence.endsWith("?") ? "" : "."}`,
    );
    return null;
  }

  /** The text of a file that a setting names, without the line break at its end; null where it cannot be read. */
  file(name: string, path: string): string | null {
    try {
      return this.#readFile(path).replace(/\r?\n$/, "");
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
      this.problems.push(
        `${name} names a file that cannot be read (${code}): mend the path or its permissions.`,
      );
      return null;
    }
  }

  #text(name: string): string | null {
    const direct = this.#environment[name] ?? "";
    const path = this.#environment[`${name}_FILE`] ?? "";
    if (direct !== "" && path !== "") {
      this.problems.push(`${name} and ${name}_FILE are both set: keep one.`);
    }
    if (direct !== "") return direct;
    return path === "" ? null : this.file(`${name}_FILE`, path);
  }

  #remember(text: string, parsed: unknown): void {
    const values = [text, String(parsed)];
    if (URL.canParse(text)) {
      const { password } = new URL(text);
      values.push(password, safelyDecoded(password));
    }
    // The second half of `user:password`.
    values.push(text.slice(text.indexOf(":") + 1));
    for (const each of values) if (each.length >= 6) this.secrets.add(each);
  }
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
