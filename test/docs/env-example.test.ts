import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { settingFamilies } from "../../bot/settings-families.ts";
import { isSetting } from "../../bot/settings-names.ts";
import { settingsTable, type Setting } from "../../bot/settings-table.ts";

const text = readFileSync(new URL("../../.env.example", import.meta.url), "utf8");

/** Every assignment of the file, commented out or not, with the comment above it and the heading over it. */
function* assignments(): Generator<{
  name: string;
  value: string;
  comment: string;
  group: string;
}> {
  let comment = "";
  let group = "";
  for (const line of text.split("\n")) {
    const [, name, value] = /^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) yield { name, value, comment, group };
    else if (line.startsWith("## ")) group = line.slice(3);
    else if (line.startsWith("# ")) comment = line.slice(2);
  }
}

describe(".env.example", () => {
  const all = [...assignments()];
  const settings: readonly Setting<unknown>[] = [
    ...Object.values(settingsTable),
    ...Object.values(settingFamilies),
  ];

  it("holds nothing that is no setting, and nothing twice", () => {
    expect(all.filter(({ name }) => !isSetting(name))).toEqual([]);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it.for(settings.map((setting) => [setting.name, setting] as const))(
    "shows %s with its meaning, its group and its default",
    ([, { name, group, meaning, fallback }]) => {
      const shown = all.filter((each) => each.name === name || each.name.startsWith(`${name}__`));
      expect(shown).not.toEqual([]);
      for (const each of shown) {
        expect(each).toMatchObject({ comment: meaning, group, value: fallback ?? "" });
      }
    },
  );

  it("asks for exactly what must be written", () => {
    const asked = [...text.matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
    expect(asked).toEqual(["APP_ID", "PRIVATE_KEY_PATH", "WEBHOOK_SECRET"]);
  });

  it("holds no secret", () => {
    expect(
      settings.filter(({ secret, fallback }) => secret === true && (fallback ?? "") !== ""),
    ).toEqual([]);
  });
});
