import { platform, source } from "../../stage/seed.ts";
import { isCall, type Logged } from "./request-log.ts";

/**
 * Which call needs which other call's answer, from an event to the open pull request when everything old is known:
 *
 *     base ref ─┬─ pull requests ──────────────────┬─ tree ─ … ─ tree ─ commit ─┬─ ref ─ pull request
 *               └─ source commit ─ comparisons ────┘                            └─ check runs ─ check run
 *
 * The base names the policy, which names the branches and the source; the short SHA of the tag must be resolved before
 * it can be compared; a tree of more than 150 files is built on the one before; the commit names the tree; the check
 * run and the ref name the commit, the pull request the ref. Labels come after the pull request is open.
 */
type Step = {
  readonly name: string;
  readonly after: readonly string[];
  readonly is: (request: Logged) => boolean;
  /** Each call of the step needs the one before. */
  readonly chained?: true;
};

const at = (method: string, repository: string, template: string) => (request: Logged) =>
  isCall(request, method, repository, template);

const steps: readonly Step[] = [
  { name: "base", after: [], is: at("GET", platform, "git/ref/{ref}") },
  { name: "pulls", after: ["base"], is: at("GET", platform, "pulls") },
  { name: "revision", after: ["base"], is: at("GET", source, "commits/{ref}") },
  { name: "compare", after: ["revision"], is: at("GET", source, "compare/{basehead}") },
  {
    name: "tree",
    after: ["pulls", "compare"],
    is: at("POST", platform, "git/trees"),
    chained: true,
  },
  { name: "commit", after: ["tree"], is: at("POST", platform, "git/commits") },
  { name: "ref", after: ["commit"], is: at("POST", platform, "git/refs") },
  { name: "runs", after: ["commit"], is: at("GET", platform, "commits/{ref}/check-runs") },
  { name: "run", after: ["runs"], is: at("POST", platform, "check-runs") },
  { name: "pull", after: ["ref"], is: at("POST", platform, "pulls") },
];

/**
 * Milliseconds that the calls must take together, each as long as the server took for it: the longest way through the
 * steps. Calls of one step stand side by side, so its longest counts. A step without a call costs nothing.
 */
export function longestChain(requests: readonly Logged[]): number {
  const ends = new Map<string, number>();
  for (const step of steps) {
    const times = requests.filter(step.is).map(({ milliseconds }) => milliseconds);
    const own =
      step.chained === true ? times.reduce((sum, time) => sum + time, 0) : Math.max(0, ...times);
    ends.set(step.name, own + Math.max(0, ...step.after.map((name) => ends.get(name) ?? 0)));
  }
  return Math.max(...ends.values());
}
