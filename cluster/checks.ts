import {
  applicationProblems,
  datasourceProblems,
  lokiProblems,
  metricProblems,
  nodeProblems,
  podProblems,
  targetProblems,
} from "./judge.ts";
import { type Command, words } from "./run.ts";
import { kubectl } from "./up.ts";

export type Check = {
  readonly name: string;
  readonly command: Command;
  /** One sentence a problem with what the command answered. */
  readonly judge: (out: string) => string[];
};

const services = "/api/v1/namespaces/monitoring/services";
/** Node's own fetch, since the images hold nothing else; from inside, since nobody else may come in. */
const node = "-- /nodejs/bin/node -e";

/** What `verify` asks, in this order; cluster/README.md prints the same commands. */
export const checks: readonly Check[] = [
  { name: "nodes", command: words(`${kubectl} get nodes -o json`), judge: nodeProblems },
  { name: "pods", command: words(`${kubectl} get pods -A -o json`), judge: podProblems },
  {
    name: "applications in sync and healthy",
    command: words(`${kubectl} -n argocd get applications -o json`),
    judge: applicationProblems,
  },
  {
    name: "/metrics of a tenant",
    command: words(
      `${kubectl} -n tenant-a-dev exec deploy/tenant-service ${node}`,
      fetchText("http://127.0.0.1:8000/metrics"),
    ),
    judge: (out) => metricProblems(out, "http_requests_total"),
  },
  {
    name: "/metrics of Sluice",
    command: words(
      `${kubectl} -n sluice exec deploy/sluice ${node}`,
      fetchText("http://127.0.0.1:3000/metrics"),
    ),
    judge: (out) => metricProblems(out, "sluice_build_info"),
  },
  {
    name: "Prometheus' targets",
    command: words(
      `${kubectl} get --raw`,
      `${services}/kube-prometheus-stack-prometheus:9090/proxy/api/v1/targets?state=active`,
    ),
    judge: (out) => targetProblems(out, ["tenant-a-dev", "sluice"]),
  },
  {
    name: "logs in Loki",
    command: words(
      `${kubectl} get --raw ${services}/loki:3100/proxy/loki/api/v1/label/namespace/values`,
    ),
    judge: (out) => lokiProblems(out, ["tenant-a-dev", "sluice"]),
  },
  {
    name: "Grafana's datasources",
    command: words(
      `${kubectl} -n monitoring exec deploy/kube-prometheus-stack-grafana -c grafana -- sh -c`,
      'curl -sS -u "$GF_SECURITY_ADMIN_USER:$GF_SECURITY_ADMIN_PASSWORD" http://127.0.0.1:3000/api/datasources',
    ),
    judge: (out) => datasourceProblems(out, ["prometheus", "loki", "tempo"]),
  },
];

function fetchText(url: string): string {
  return `fetch("${url}").then((answer) => answer.text()).then(console.log)`;
}
