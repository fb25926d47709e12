import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import type { Cluster } from "./cluster.ts";

const apps = resolve(import.meta.dirname, "../../../gitops/argocd/apps");

/** Has Argo CD follow a repository as gitops/argocd does: its projects, and an application a values file. */
export async function follow(cluster: Cluster, repository: string): Promise<void> {
  for (const name of ["projects", "tenants"]) {
    const text = (await readFile(resolve(apps, `${name}.yaml`), "utf8"))
      .replaceAll("https://github.com/acme/sluice.git", repository)
      // The demo's values files name no team.
      .replaceAll("{{ .team }}", "payments")
      // Since Argo CD 3.3.
      .replaceAll(/, name: "\*-(?:dev|staging|prod)" \}/g, " }");
    const apply = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
    await cluster.kubectl(apply, text);
  }
}

/** The smallest chart that reads the demo's values files, at the place where the applications look for theirs. */
export const chart: Readonly<Record<string, string>> = {
  "helm/tenant-service/Chart.yaml": "apiVersion: v2\nname: tenant-service\nversion: 0.1.0\n",
  "helm/tenant-service/values.yaml": "replicaCount: 1\nimage: {}\n",
  "helm/tenant-service/templates/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicaCount }}
  # Kubernetes' own 600 s are too long to wait for a bad image.
  progressDeadlineSeconds: 30
  strategy:
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  selector:
    matchLabels: { app: {{ .Release.Name }} }
  template:
    metadata:
      labels: { app: {{ .Release.Name }} }
    spec:
      securityContext:
        runAsNonRoot: true
        seccompProfile: { type: RuntimeDefault }
      containers:
        - name: service
          image: {{ printf "%s:%s@%s" .Values.image.repository .Values.image.tag .Values.image.digest }}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: { drop: [ALL] }
`,
};
