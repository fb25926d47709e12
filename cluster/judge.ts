/**
 * What the tools answered, judged: one sentence a problem. No answer, or an empty one, is a problem: a cluster in which
 * there is nothing is not well.
 */
type Listed<T> = { readonly items?: readonly T[] };
type Named = { readonly metadata: { readonly name: string; readonly namespace?: string } };
type Condition = { readonly type: string; readonly status: string };
type Conditioned = Named & {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
};
type Application = Named & {
  readonly status?: {
    readonly sync?: { readonly status?: string };
    readonly health?: { readonly status?: string };
  };
};

/** One control plane and two workers. */
const nodes = 3;

export function nodeProblems(out: string): string[] {
  const found = (JSON.parse(out) as Listed<Conditioned>).items ?? [];
  return [
    ...(found.length === nodes ? [] : [`${found.length} nodes, not ${nodes}`]),
    ...found.filter((node) => !isReady(node)).map((node) => `${node.metadata.name} is not ready`),
  ];
}

export function podProblems(out: string): string[] {
  const found = (JSON.parse(out) as Listed<Conditioned>).items ?? [];
  if (found.length === 0) return ["there are no pods"];
  return found
    .filter((pod) => pod.status?.phase !== "Succeeded" && !isReady(pod))
    .map((pod) => `${fullName(pod)} is ${pod.status?.phase ?? "unknown"} and not ready`);
}

export function applicationProblems(out: string): string[] {
  const found = (JSON.parse(out) as Listed<Application>).items ?? [];
  if (found.length === 0) return ["there are no applications"];
  return found
    .map(({ metadata, status }) => ({
      name: metadata.name,
      sync: status?.sync?.status ?? "unknown",
      health: status?.health?.status ?? "unknown",
    }))
    .filter(({ sync, health }) => sync !== "Synced" || health !== "Healthy")
    .map(({ name, sync, health }) => `${name} is ${sync} and ${health}`);
}

export function metricProblems(out: string, metric: string): string[] {
  return out
    .split("\n")
    .some((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    ? []
    : [`no ${metric} in it`];
}

export function targetProblems(out: string, namespaces: readonly string[]): string[] {
  type Target = { labels: Record<string, string>; health: string; lastError?: string };
  const { data } = JSON.parse(out) as { data?: { activeTargets?: readonly Target[] } };
  const targets = data?.activeTargets ?? [];
  return [
    ...namespaces
      .filter((namespace) => !targets.some(({ labels }) => labels["namespace"] === namespace))
      .map((namespace) => `no target in ${namespace}`),
    ...targets
      .filter(({ health }) => health !== "up")
      .map(
        ({ labels, health, lastError }) =>
          `${labels["job"]} at ${labels["instance"]} is ${health}: ${lastError ?? "no reason given"}`,
      ),
  ];
}

export function lokiProblems(out: string, namespaces: readonly string[]): string[] {
  const { data = [] } = JSON.parse(out) as { data?: readonly string[] };
  return namespaces
    .filter((namespace) => !data.includes(namespace))
    .map((namespace) => `no lines of ${namespace}`);
}

export function datasourceProblems(out: string, types: readonly string[]): string[] {
  const found = JSON.parse(out) as readonly { name: string; type: string; isDefault: boolean }[];
  if (!Array.isArray(found)) return [`Grafana answers ${out.trim()}`];
  const defaults = found.filter(({ isDefault }) => isDefault).map(({ name }) => name);
  return [
    ...types
      .filter((type) => !found.some((source) => source.type === type))
      .map((type) => `no ${type}`),
    ...(defaults.length === 1 ? [] : [`${defaults.length} default datasources, not one`]),
  ];
}

function isReady({ status }: Conditioned): boolean {
  return (status?.conditions ?? []).some(
    (condition) => condition.type === "Ready" && condition.status === "True",
  );
}

function fullName({ metadata }: Named): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}
