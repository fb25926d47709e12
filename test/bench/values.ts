import { parse, stringify } from "yaml";

import { editValues } from "#core/values.ts";

import { valuesFiles } from "../stage/seed.ts";
import { median, type Part } from "./figure.ts";

const files = 1_000;
const rounds = 9;
const first = `sha256:${"0".repeat(64)}`;
const second = `sha256:${"f".repeat(64)}`;

/** The splice (which parses twice: to find, and to verify) against what most tools do, on the same texts in turns. */
export const values: Part = {
  name: "values",
  about:
    "tag and digest in 1,000 values files, against parse + change + stringify of the yaml library",
  measure: async ({ progress }) => {
    const texts = sample();
    const bytes = texts.reduce((sum, [, text]) => sum + Buffer.byteLength(text), 0) / texts.length;
    const splice: number[] = [];
    const whole: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      progress(`round ${round + 1} of ${rounds}`);
      splice.push(perSecond(() => texts.forEach(([file, text]) => editOne(file, text))));
      whole.push(perSecond(() => texts.forEach(([, text]) => rewriteOne(text))));
    }
    const ratios = splice.map((rate, round) => rate / (whole[round] ?? Number.NaN));
    return [
      { what: "size of a file", value: bytes / 1000, unit: "KB", bound: null },
      { what: "edits by splice", value: median(splice), unit: "/s", bound: null },
      { what: "edits by parse + stringify", value: median(whole), unit: "/s", bound: null },
      { what: "splice against parse + stringify", value: median(ratios), unit: "×", bound: null },
    ];
  },
};

/** Values files of 0.4 KB, as a tenant's are. */
function sample(): readonly (readonly [file: string, text: string])[] {
  const tenants = Array.from({ length: files }, (_, index) => `tenant-${index + 1}`);
  const all = Object.entries(valuesFiles(tenants, "sha-1a2b3c4", first));
  return all
    .filter(([file]) => file.endsWith("/prod.yaml"))
    .map(([file, text]) => [file, `${text}\n# ${"-".repeat(Math.max(0, 396 - text.length))}\n`]);
}

function editOne(file: string, text: string): void {
  const edited = editValues(file, text, [
    { path: "image.tag", value: "sha-5d6e7f8" },
    { path: "image.digest", value: second },
  ]);
  if (edited.kind !== "edited") throw new Error(`${file} was not edited`);
}

function rewriteOne(text: string): void {
  const document = parse(text) as { image: { tag: string; digest: string } };
  document.image.tag = "sha-5d6e7f8";
  document.image.digest = second;
  if (!stringify(document).includes("sha-5d6e7f8")) throw new Error("nothing was written");
}

function perSecond(work: () => void): number {
  const started = performance.now();
  work();
  return (files * 1000) / (performance.now() - started);
}
