import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { parse } from "yaml";

export const observability = resolve(import.meta.dirname, "../../observability");

export type Rule = {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};
export type Alert = Rule & { readonly alert: string; readonly file: string };

type Group = { readonly name: string; readonly interval?: string; readonly rules: readonly Rule[] };
type AlertCase = {
  readonly alertname: string;
  readonly eval_time: string;
  readonly exp_alerts: readonly unknown[];
};
type TestFile = {
  readonly rule_files: readonly string[];
  readonly tests: readonly { readonly alert_rule_test?: readonly AlertCase[] }[];
};

/** Files of a folder below `observability/`, by their ending, in order. */
export function filesOf(folder: string, ending: string): readonly string[] {
  return readdirSync(join(observability, folder))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(observability, folder, name));
}

export function groupsOf(file: string): readonly Group[] {
  return (parse(readFileSync(file, "utf8")) as { groups: Group[] }).groups;
}

/** Every rule of every file. */
export function allRules(): readonly (Rule & { readonly file: string })[] {
  return filesOf("rules", ".yaml").flatMap((file) =>
    groupsOf(file).flatMap(({ rules }) => rules.map((rule) => ({ ...rule, file }))),
  );
}

export function allAlerts(): readonly Alert[] {
  return allRules().flatMap((rule) =>
    rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }],
  );
}

/** Names that recording rules make. */
export function recordedNames(): ReadonlySet<string> {
  return new Set(allRules().flatMap(({ record }) => (record === undefined ? [] : [record])));
}

/** Every case of promtool's tests that is about an alert. */
export function alertCases(): readonly AlertCase[] {
  return filesOf("tests", ".yaml").flatMap((file) =>
    (parse(readFileSync(file, "utf8"), { merge: true }) as TestFile).tests.flatMap(
      ({ alert_rule_test: cases }) => cases ?? [],
    ),
  );
}
