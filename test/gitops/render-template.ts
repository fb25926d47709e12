import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { renderChart } from "../helm/render.ts";

/**
 * What Go's template engine makes of texts, each with the same data: Helm's `tpl` is that engine with sprig's functions,
 * as ApplicationSets and notifications use it. Other than theirs it prints nothing for a key that is missing.
 */
export async function renderTexts<T extends Readonly<Record<string, string>>>(
  helm: string,
  texts: T,
  data: Readonly<Record<string, unknown>>,
): Promise<{ readonly [name in keyof T]: string }> {
  const chart = await mkdtemp(join(tmpdir(), "sluice-texts-"));
  try {
    await mkdir(join(chart, "templates"));
    await writeFile(join(chart, "Chart.yaml"), "apiVersion: v2\nname: texts\nversion: 1.0.0\n");
    await writeFile(join(chart, "templates", "texts.yaml"), template);
    const [object] = await renderChart(helm, chart, {
      release: "texts",
      namespace: "default",
      values: [],
      set: { texts, data },
    });
    return object?.["data"] as { readonly [name in keyof T]: string };
  } finally {
    await rm(chart, { recursive: true });
  }
}

const template = `apiVersion: v1
kind: ConfigMap
metadata:
  name: texts
{{- $rendered := dict }}
{{- range $name, $text := .Values.texts }}
{{- $_ := set $rendered $name (tpl $text $.Values.data) }}
{{- end }}
data: {{ toJson $rendered }}
`;
