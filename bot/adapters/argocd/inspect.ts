import { z } from "zod";

import type { Application } from "#core/application.ts";
import { Fault } from "#core/error.ts";
import type { DeployerReport } from "#ports/deployer.ts";

import { settingOf, type ArgocdInstance, type Send } from "./request.ts";
import { versionProblem } from "./version.ts";

const VersionJson = z.object({ Version: z.string().catch("") });
const UserJson = z.object({ loggedIn: z.boolean().catch(false), username: z.string().catch("") });
const CanIJson = z.object({ value: z.string() });

type Problem = DeployerReport["problems"][number];

/** Projects that are looked at, at most: rights are nearly always granted for all or by project. */
const projectsLookedAt = 10;
const deadlineMs = 10_000;

/**
 * What somebody should know before the first promotion: a token that is not one, missing rights, rights that Sluice
 * never uses, a version with a known hole. Everything found is told.
 */
export async function inspectInstance(
  instance: ArgocdInstance,
  send: Send,
  list: (signal?: AbortSignal) => Promise<readonly Application[]>,
  signal?: AbortSignal,
): Promise<DeployerReport> {
  const problems: Problem[] = [];
  let version = "";
  if (instance.token.split(".").length < 3)
    problems.push({
      severity: "error",
      sentence: `${settingOf("ARGOCD_TOKEN", instance)} is no API key: Argo CD ignores tokens that are not JWTs. Create one with 'argocd account generate-token'.`,
    });
  try {
    version = VersionJson.safeParse(await ask("version", "/api/version")).data?.Version ?? "";
    const hole = versionProblem(version);
    if (hole !== null)
      problems.push({ severity: "warning", sentence: `Argo CD instance ${instance.name} ${hole}` });
    problems.push(...(await inspectAccount()));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    problems.push({ severity: "error", sentence: error.message });
  }
  return { version, problems };

  async function ask(operation: string, path: string): Promise<unknown> {
    const reply = await send({ operation, path, deadlineMs, signal });
    return reply.kind === "ok" ? reply.body : null;
  }

  async function inspectAccount(): Promise<Problem[]> {
    const user = UserJson.safeParse(await ask("userinfo", "/api/v1/session/userinfo")).data;
    if (user?.loggedIn !== true)
      return [
        {
          severity: "error",
          sentence: `Argo CD instance ${instance.name} does not accept Sluice's token: set ${settingOf("ARGOCD_TOKEN", instance)} to a valid API key.`,
        },
      ];
    const applications = await list(signal);
    if (applications.length === 0)
      return [
        {
          severity: "warning",
          sentence: `Argo CD instance ${instance.name} shows no application to ${user.username}: grant it 'applications, get'.`,
        },
      ];
    const projects = [...new Set(applications.map(({ project }) => project))].sort();
    const found = projects.slice(0, projectsLookedAt).map((project) => inspectRights(project));
    const unseen = projects.filter((project) =>
      hidesPods(applications.filter((one) => one.project === project)),
    );
    return [
      ...(await Promise.all(found)).flat(),
      ...unseen.map((project): Problem => ({
        severity: "warning",
        sentence: `Argo CD instance ${instance.name} shows no pod of project ${project}, so Sluice sees neither which images run nor why pods do not start: does the project's namespaceResourceWhitelist leave out apps/ReplicaSet and Pod?`,
      })),
    ];
  }

  async function inspectRights(project: string): Promise<Problem[]> {
    const can = async (action: string): Promise<string | undefined> => {
      const path = `/api/v1/account/can-i/applications/${action}/${encodeURIComponent(project)}/*`;
      return CanIJson.safeParse(await ask("can-i", path)).data?.value;
    };
    const found: Problem[] = [];
    for (const action of ["get", "sync"])
      if ((await can(action)) === "no")
        found.push({
          severity: "warning",
          sentence: `Sluice may not '${action}' every application of project ${project} in Argo CD instance ${instance.name}: grant it 'applications, ${action}, ${project}/*'.`,
        });
    for (const action of ["override", "update", "delete", "create"])
      if ((await can(action)) === "yes")
        found.push({
          severity: "warning",
          sentence: `Sluice may '${action}' applications of project ${project} in Argo CD instance ${instance.name} and never does: take the right away.`,
        });
    return found;
  }
}

/**
 * Healthy workloads, and not one image: Argo CD leaves kinds that the project does not allow out of the tree and of the
 * images (appcontroller.go, getResourceTree).
 */
function hidesPods(applications: readonly Application[]): boolean {
  const running = applications.filter(
    ({ health, resources }) =>
      health.status === "Healthy" &&
      resources.some(({ name }) => /^(Deployment|StatefulSet|DaemonSet)\//.test(name)),
  );
  return running.length > 0 && running.every(({ images }) => images.length === 0);
}
