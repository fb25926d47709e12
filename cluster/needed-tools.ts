import { type Run, words } from "./run.ts";

type Tool = {
  readonly program: string;
  readonly ask: string;
  /** Finds its version in what it answers. */
  readonly answer: RegExp;
  readonly wanted: RegExp;
  readonly version: string;
  readonly remedy: string;
};

const tools: readonly Tool[] = [
  {
    program: "docker",
    ask: "docker version --format {{.Server.Version}}",
    answer: /^\S+/,
    wanted: /^(2[4-9]|[3-9]\d)\./,
    version: "version 24 or newer",
    remedy: "https://docs.docker.com/engine/install/",
  },
  {
    program: "kind",
    ask: "kind version",
    answer: /v\S+/,
    // The node image in kind.yaml was built by and for this one.
    wanted: /^v0\.31\./,
    version: "v0.31",
    remedy:
      "go install sigs.k8s.io/kind@v0.31.0, or https://kind.sigs.k8s.io/docs/user/quick-start/",
  },
  {
    program: "kubectl",
    ask: "kubectl version --client --output json",
    answer: /(?<="gitVersion": ?")[^"]+/,
    // One minor version from the cluster's, either way.
    wanted: /^v1\.3[4-6]\./,
    version: "v1.34, v1.35 or v1.36",
    remedy: "https://kubernetes.io/docs/tasks/tools/",
  },
];

/** One sentence for each program that is missing or of another version, with what to do; all of them. */
export async function toolProblems(run: Run): Promise<string[]> {
  const problems: string[] = [];
  for (const { program, ask, answer, wanted, version, remedy } of tools) {
    const { code, out, err } = await run(words(ask), { within: 30 });
    const found = answer.exec(out)?.[0] ?? "unknown";
    if (code === 127) problems.push(`${program} is not installed; ${version} is needed: ${remedy}`);
    else if (code !== 0) problems.push(`${program} does not work: ${err.trim() || out.trim()}`);
    else if (!wanted.test(found))
      problems.push(`${program} is ${found}; ${version} is needed: ${remedy}`);
  }
  return problems;
}
