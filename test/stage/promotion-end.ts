import { people, type CheckRun, type Pull } from "./people.ts";
import { environments, platform, source } from "./seed.ts";
import type { Published, Stage } from "./stage.ts";

type Step = { readonly app: string; readonly operation: boolean };

/** Pull requests that carry an artifact into an environment: there must be one. */
async function pullsOf(stage: Stage, environment: string, tag: string): Promise<readonly Pull[]> {
  const pulls = await people(stage).pulls();
  return pulls.filter(
    ({ head, title }) =>
      head.ref.startsWith(`sluice/${environment}/`) && title.includes(`→ ${tag}`),
  );
}

/** Is the last environment's promotion merged, and reported as healthy where everybody sees it? */
export async function promotionEnded(stage: Stage, built: Published): Promise<boolean> {
  const last = environments.at(-1) ?? "";
  const merged = (await pullsOf(stage, last, built.tag)).find((pull) => pull.merged_at !== null);
  if (merged === undefined) return false;
  const name = `sluice/${last}`;
  const { checks, branches } = people(stage);
  const [there, atSource] = await Promise.all([
    checks(platform, merged.merge_commit_sha ?? "", name),
    checks(source, built.revision, name),
  ]);
  const left = (await branches()).filter((branch) => branch.startsWith("sluice/"));
  return (
    there[0]?.status === "completed" && atSource[0]?.status === "completed" && left.length === 0
  );
}

/** Everything that is not as one promotion through all environments must have left it; empty when all is well. */
export async function problemsOf(
  stage: Stage,
  built: Published,
  options: { readonly timelineFrom: number; readonly files: Readonly<Record<string, string>> },
): Promise<readonly string[]> {
  const { file, branches } = people(stage);
  const problems = await Promise.all(
    environments.map((environment) => problemsIn(stage, built, environment, options.timelineFrom)),
  );
  const found = problems.flat();
  for (const [path, text] of Object.entries(options.files))
    if ((await file(path)) !== text) found.push(`the person's ${path} is lost`);
  const left = (await branches()).filter((branch) => branch.startsWith("sluice/"));
  if (left.length > 0) found.push(`branches are left: ${left.join(", ")}`);
  return found;
}

async function problemsIn(
  stage: Stage,
  built: Published,
  environment: string,
  timelineFrom: number,
): Promise<readonly string[]> {
  const { checks, comments, commit, file } = people(stage);
  const [pull, ...more] = await pullsOf(stage, environment, built.tag);
  if (pull === undefined) return [`${environment}: no pull request`];
  const found: string[] = [];
  const say = (sentence: string): void => void found.push(`${environment}: ${sentence}`);
  if (more.length > 0) say(`${more.length + 1} pull requests`);
  if (pull.merged_at === null) say(`#${pull.number} is ${pull.state} and not merged`);
  const answers = await comments(pull.number);
  if (answers.length > 0)
    say(`#${pull.number} has comments: ${answers.map((one) => one.body).join(" | ")}`);
  const head = await commit(pull.head.sha);
  if (head.author?.login !== "sluice[bot]")
    say(`#${pull.number} ends in a commit of ${head.author?.login}`);
  const name = `sluice/${environment}`;
  const runs = await checks(platform, pull.merge_commit_sha ?? "", name);
  const atSource = await checks(source, built.revision, name);
  const gates = await checks(platform, pull.head.sha, "sluice/gates");
  for (const [where, list] of [
    ["the merge", runs],
    ["the source commit", atSource],
  ] as const) {
    if (list.length !== 1) say(`${list.length} runs ${name} on ${where}: ${said(list)}`);
    if (list[0]?.conclusion !== "success") say(`${name} on ${where} says ${said(list)}`);
  }
  if (gates.filter((run) => run.status !== "completed").length > 0)
    say(`gates are open: ${said(gates)}`);
  if (gates[0]?.conclusion !== "success") say(`sluice/gates says ${said(gates)}`);
  const shown = await deploymentsOf(stage, environment, pull.merge_commit_sha ?? "");
  if (shown.length !== 1) say(`${shown.length} deployments of the merge`);
  if (shown.some((state) => state !== "success")) say(`deployments say ${shown.join(", ")}`);
  for (const tenant of stage.tenants)
    if (
      !(await file(`gitops/tenants/${tenant}/${environment}.yaml`)).includes(`tag: ${built.tag} `)
    )
      say(`${tenant}'s file does not hold ${built.tag}`);
  const timeline = await stage.argocdControl.get<readonly Step[]>("timeline");
  for (const tenant of stage.tenants) {
    const count = operations(timeline.slice(timelineFrom), `${tenant}-${environment}`);
    if (count !== 1) say(`${count} operations on ${tenant}-${environment}`);
  }
  return found;
}

/** What GitHub's Environments page says of a commit: the last state of each deployment. */
async function deploymentsOf(
  stage: Stage,
  environment: string,
  sha: string,
): Promise<readonly string[]> {
  const path = `/repos/${platform}/deployments`;
  const all = await stage.api<readonly { id: number }[]>(
    `${path}?environment=${environment}&sha=${sha}`,
  );
  const statuses = all.map(({ id }) =>
    stage.api<readonly { state: string }[]>(`${path}/${id}/statuses`),
  );
  return (await Promise.all(statuses)).map(([newest]) => newest?.state ?? "pending");
}

/** Operations that began: from none to one. */
function operations(timeline: readonly Step[], app: string): number {
  const own = timeline.filter((step) => step.app === app);
  return own.filter((step, index) => step.operation && own[index - 1]?.operation !== true).length;
}

function said(runs: readonly CheckRun[]): string {
  return runs
    .map(({ id, status, conclusion, output }) => `${id} ${conclusion ?? status} "${output.title}"`)
    .join("; ");
}
