import type { Application } from "#core/application.ts";
import type { Artifact } from "#core/artifact.ts";
import { Fault } from "#core/error.ts";
import type { HealthState } from "#core/plan-types.ts";
import type { Target } from "#core/target.ts";
import type { Deployer } from "#ports/deployer.ts";

import type { Deps } from "./deps.ts";

/** Unhealthy ones that are read once more before they stop a line; a fleet that is down needs no more witnesses. */
const mostDoubts = 10;

/**
 * Is a target that still holds an artifact unhealthy now? `targets` are those that hold it. A list says that all is
 * well; that something is not is read again from the application itself. What cannot be learned is `unknown`.
 */
export async function lookAtHealth(
  deps: Pick<Deps, "deployers">,
  question: {
    readonly instance: string;
    readonly targets: readonly Target[];
    readonly artifact: Artifact;
  },
  signal?: AbortSignal,
): Promise<HealthState> {
  const { instance, targets, artifact } = question;
  const deployer = deps.deployers.instance(instance);
  if (deployer === null)
    return { kind: "unknown", sentence: `No Argo CD instance ${instance} is configured.` };
  if (targets.length === 0)
    return { kind: "unknown", sentence: `No target holds ${artifact.tag} any more.` };
  try {
    const applications = await deployer.applications(signal);
    const byName = new Map(applications.map((application) => [application.name, application]));
    const suspects = targets
      .map((target) => ({ target, listed: byName.get(target.application) }))
      .filter(({ listed }) => stateOf(listed) !== "well");
    const looked = await Promise.all(
      suspects.map(async ({ target, listed }, index) => ({
        target,
        state: index < mostDoubts ? await lookAgain(deployer, listed, signal) : stateOf(listed),
      })),
    );
    return healthOf(instance, looked);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return { kind: "unknown", sentence: error.message };
  }
}

type State = "well" | "unwell" | "unknown" | "absent";

function healthOf(
  instance: string,
  looked: readonly { readonly target: Target; readonly state: State }[],
): HealthState {
  const bad = looked.filter(({ state }) => state === "unwell" || state === "absent");
  const [first] = bad;
  const doubtful = looked.find(({ state }) => state === "unknown");
  const doubt =
    doubtful === undefined
      ? null
      : `Argo CD does not know the health of ${doubtful.target.application}.`;
  if (first !== undefined) {
    const { application, tenant } = first.target;
    const what =
      first.state === "absent"
        ? `has no application ${application} in Argo CD instance ${instance}`
        : `is unhealthy in Argo CD (${application})`;
    const more = bad.length > 1 ? `, and so are ${bad.length - 1} more` : "";
    const tenants = bad.map(({ target }) => target.tenant);
    const besides = doubt === null ? {} : { unknown: doubt };
    return { kind: "unhealthy", tenants, sentence: `${tenant} ${what}${more}.`, ...besides };
  }
  return doubt === null ? { kind: "healthy" } : { kind: "unknown", sentence: doubt };
}

async function lookAgain(
  deployer: Deployer,
  listed: Application | undefined,
  signal: AbortSignal | undefined,
): Promise<State> {
  if (listed === undefined) return "absent";
  const answer = await deployer.application(listed, signal);
  if (answer.kind === "forbidden") return "unknown";
  return stateOf(answer.kind === "found" ? answer.application : undefined);
}

function stateOf(application: Application | undefined): State {
  if (application === undefined || application.deleting) return "absent";
  const { status } = application.health;
  if (status === "Degraded" || status === "Missing") return "unwell";
  return status === "Unknown" ? "unknown" : "well";
}
