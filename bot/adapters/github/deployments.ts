import type { Deployments } from "#ports/deployments.ts";

import type { RepositoryContext } from "./repository/context.ts";
import { all } from "./repository/pages.ts";
import { isUnknownOutcome } from "./requests/errors.ts";

type Wanted = Parameters<Deployments["report"]>[0];
/** What the facts remember: the deployment, and the last state that it was told. */
type Known = { readonly id: number; readonly state: Wanted["state"] };

const kept = { ttlMs: 90 * 24 * 3_600_000 };
/** GitHub cuts nothing: longer descriptions are refused. */
const longestDescription = 140;

export function deployments(context: RepositoryContext): Deployments {
  return { report: async (wanted) => report(context, wanted) };
}

async function report(context: RepositoryContext, wanted: Wanted): Promise<void> {
  const key = `deployment/${context.installation}/${context.name.toLowerCase()}/${wanted.id}`;
  const known = await context.facts.get<Known>(key);
  const standing = known ?? (await find(context, wanted)) ?? (await create(context, wanted));
  if (known === null) await context.facts.set(key, standing, kept);
  if (wanted.state === null || standing.state === wanted.state) return;
  await setState(context, standing.id, wanted);
  await context.facts.set(key, { id: standing.id, state: wanted.state } satisfies Known, kept);
}

/** By the id in its payload, on the very commit: anybody may make others of the same name. */
async function find(context: RepositoryContext, wanted: Wanted): Promise<Known | null> {
  const listed = await all(async (page) =>
    context.request("GET /repos/{owner}/{repo}/deployments", {
      ...context.at,
      sha: wanted.revision,
      environment: wanted.environment,
      task: wanted.task,
      per_page: 100,
      page,
    }),
  );
  const own = listed.find(({ payload }) => idOf(payload) === wanted.id);
  if (own === undefined) return null;
  return { id: Number(own.id), state: await lastState(context, Number(own.id)) };
}

async function lastState(context: RepositoryContext, id: number): Promise<Wanted["state"]> {
  const { data } = await context.request(
    "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
    { ...context.at, deployment_id: id, per_page: 1 },
  );
  return states.find((one) => one === data[0]?.state) ?? null;
}

const states = ["in_progress", "success", "failure", "error", "inactive"] as const;

/** GitHub gives the payload back as it was sent, or as the text that it was sent as. */
function idOf(payload: unknown): string | null {
  let value = payload;
  if (typeof payload === "string") {
    try {
      value = JSON.parse(payload);
    } catch {
      return null;
    }
  }
  if (typeof value !== "object" || value === null || !("sluice" in value)) return null;
  return typeof value.sluice === "string" ? value.sluice : null;
}

/** Never merges, and asks for no other check: both would be GitHub's defaults. */
async function create(context: RepositoryContext, wanted: Wanted): Promise<Known> {
  try {
    const { data } = await context.request("POST /repos/{owner}/{repo}/deployments", {
      ...context.at,
      ref: wanted.revision,
      environment: wanted.environment,
      task: wanted.task,
      description: wanted.description.slice(0, longestDescription),
      payload: { sluice: wanted.id },
      auto_merge: false,
      required_contexts: [],
      transient_environment: false,
      production_environment: wanted.production,
    });
    if (!("id" in data)) throw new TypeError("GitHub merged for a deployment that asked it not to");
    return { id: Number(data.id), state: null };
  } catch (error) {
    if (!isUnknownOutcome(error)) throw error;
    const found = await find(context, wanted);
    if (found === null) throw error;
    return found;
  }
}

/** Every status is told to whoever listens to deployments: after a silence it is read, not told again. */
async function setState(context: RepositoryContext, id: number, wanted: Wanted): Promise<void> {
  if (wanted.state === null) return;
  try {
    await context.request("POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses", {
      ...context.at,
      deployment_id: id,
      state: wanted.state,
      environment: wanted.environment,
      description: wanted.description.slice(0, longestDescription),
      auto_inactive: false,
    });
  } catch (error) {
    if (!isUnknownOutcome(error) || (await lastState(context, id)) !== wanted.state) throw error;
  }
}
