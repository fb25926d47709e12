import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const dashboards = join(root, "observability/dashboards");

/** A chart reads nothing outside its folder: what of observability/ is Sluice's own is copied into its chart. */
export const copies: readonly { readonly from: string; readonly to: string }[] = [
  {
    from: join(root, "observability/rules/sluice.yaml"),
    to: join(root, "helm/sluice/rules/sluice.yaml"),
  },
  ...(existsSync(dashboards) ? readdirSync(dashboards) : [])
    .filter((file) => /^sluice.*\.json$/.test(file))
    .map((file) => ({
      from: join(dashboards, file),
      to: join(root, "helm/sluice/dashboards", file),
    })),
];

// `node test/helm/copy-observability.ts` copies; imported, it only says what would be copied.
if (process.argv[1] === import.meta.filename) {
  for (const { from, to } of copies) {
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
  }
}
