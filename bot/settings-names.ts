import { distance } from "fastest-levenshtein";

import { didYouMean } from "#core/nearest.ts";

import { settingFamilies } from "./settings-families.ts";
import { settingsTable } from "./settings-table.ts";

const singles: readonly string[] = Object.values(settingsTable).map(({ name }) => name);
const families = Object.values(settingFamilies);
const known = new Set([...singles, ...families.flatMap(({ name, bare }) => (bare ? [name] : []))]);

/** Whether a variable, `_FILE` taken off, is a setting. */
export function isSetting(name: string): boolean {
  return known.has(name) || families.some((family) => name.startsWith(`${family.name}__`));
}

/**
 * Variables that were probably meant to be settings: our own prefix, one underscore instead of two, or a name with a
 * letter or two wrong whose right one is not set. Others belong to somebody else.
 */
export function findMisspelt(written: ReadonlySet<string>): string[] {
  return [...written].flatMap((name) => {
    if (isSetting(name) || isServiceLink(name, written)) return [];
    if (name.startsWith("SLUICE_")) {
      return [`${name} is no setting${didYouMean(name, known) || ": remove it."}`];
    }
    const family = families.find((each) => name.startsWith(`${each.name}_`));
    const meant =
      family === undefined
        ? [...known].find((each) => !written.has(each) && isMisspelt(name, each))
        : `${family.name}__${name.slice(family.name.length + 1)}`;
    if (meant === undefined) return [];
    return [
      `${name} is no setting: did you mean "${meant}"? If it is another program's, unset it here.`,
    ];
  });
}

/**
 * Kubernetes tells every pod of the services beside it: of one called `sluice`, in `SLUICE_SERVICE_HOST`,
 * `SLUICE_PORT_3000_TCP` and the like (kubernetes.io, "Discovering services", environment variables).
 */
function isServiceLink(name: string, written: ReadonlySet<string>): boolean {
  const [, service] =
    /^(.+?)_(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_.+)?)?)$/.exec(
      name,
    ) ?? [];
  return service !== undefined && written.has(`${service}_SERVICE_HOST`);
}

/** Short names are left alone: with another letter they mean other things. */
function isMisspelt(name: string, setting: string): boolean {
  if (setting.length < 6) return false;
  const edits = distance(name.toUpperCase(), setting);
  const swapped = edits === 2 && lettersOf(name) === lettersOf(setting);
  return edits <= (setting.length < 10 ? 1 : 2) || swapped;
}

function lettersOf(name: string): string {
  return name.toUpperCase().split("").sort().join("");
}
