import { sameArtifact, type Artifact } from "#core/artifact.ts";
import { findEnvironment, findService, type ServicePolicy } from "#core/policy.ts";
import { livePodImages, viewImages } from "#core/rollout-images.ts";
import type { Target } from "#core/target.ts";
import type { ApplicationAt, Deployer } from "#ports/deployer.ts";

import { observePolicy } from "./observe-policy.ts";
import { artifactAt } from "./observe-targets.ts";
import { policyToFollow } from "./policy-to-follow.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** Changes of one file during one load test that are looked through; more are as good as another artifact. */
const changesRead = 20;

/** Whom a load test drives, and what has to run there. */
export type Driven = { readonly target: Target; readonly artifact: Artifact };

export type DrivenLook =
  /** Git wants the artifact there and Argo CD shows nothing else. */
  | {
      readonly kind: "there";
      /** Where the default branch stood. */
      readonly revision: string;
      readonly service: ServicePolicy;
      readonly healthy: boolean;
    }
  | { readonly kind: "elsewhere"; readonly sentence: string };

/** Does the artifact stand there in Git, and run there, now? A fresh look at both; not knowing is no. */
export async function lookAtDriven(
  context: RepositoryContext,
  { target, artifact }: Driven,
): Promise<DrivenLook> {
  const { repository, deps, signal } = context;
  const { revision } = await repository.head();
  const observed = await observePolicy(repository, revision);
  const policy =
    observed.kind === "absent" ? null : await policyToFollow(context, revision, observed);
  const service = policy === null ? undefined : findService(policy, target.service);
  const environment = policy === null ? undefined : findEnvironment(policy, target.environment);
  const where = `for ${target.tenant} in ${target.environment}`;
  if (service === undefined || environment === undefined)
    return { kind: "elsewhere", sentence: `The policy has no ${target.service} ${where}.` };
  const held = await artifactAt(repository, service, target, revision);
  if (held === null || !sameArtifact(held, artifact))
    return { kind: "elsewhere", sentence: `Git no longer wants ${artifact.tag} ${where}.` };
  const deployer = deps.deployers.instance(environment.argocd);
  const live = deployer === null ? null : await seeLive(deployer, target, artifact, signal);
  if (live === null)
    return {
      kind: "elsewhere",
      sentence: `Argo CD does not show ${artifact.tag}, and nothing else, running ${where} now.`,
    };
  return { kind: "there", revision, service, healthy: live === "healthy" };
}

/**
 * Has Git wanted the artifact there from one look to the next? The same text may go and come back: every change of the
 * file in between is read.
 */
export async function stoodThroughout(
  { repository }: RepositoryContext,
  { target, artifact }: Driven,
  from: Extract<DrivenLook, { kind: "there" }>,
  to: Extract<DrivenLook, { kind: "there" }>,
): Promise<boolean> {
  if (from.revision === to.revision) return true;
  const touching = (at: string) => repository.commitsTouching(target.file, at, changesRead);
  const [before, after] = await Promise.all([touching(from.revision), touching(to.revision)]);
  const known = new Set(before.map(({ revision }) => revision));
  const changes = after.filter(({ revision }) => !known.has(revision));
  if (changes.length >= changesRead) return false;
  const held = await Promise.all(
    changes.map(({ revision }) => artifactAt(repository, from.service, target, revision)),
  );
  return held.every((one) => one !== null && sameArtifact(one, artifact));
}

/** Null: it cannot be seen there, or not alone. */
async function seeLive(
  deployer: Deployer,
  target: Target,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<"healthy" | "unhealthy" | null> {
  const listed = (await deployer.applications(signal)).find(
    ({ name }) => name === target.application,
  );
  const answer = listed === undefined ? null : await deployer.application(listed, signal);
  if (answer?.kind !== "found" || answer.application.deleting) return null;
  const { application } = answer;
  const images = await imagesOf(deployer, application, artifact, signal);
  if (viewImages(images, artifact) !== "only") return null;
  return ["Degraded", "Missing"].includes(application.health.status) ? "unhealthy" : "healthy";
}

/** As a rollout sees them: finished pods are left out, and where no pod shows any the manifests tell. */
async function imagesOf(
  deployer: Deployer,
  application: ApplicationAt & { readonly images: readonly string[] },
  artifact: Artifact,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { images } = application;
  switch (viewImages(images, artifact)) {
    case "only":
    case "others":
      return images;
    case "mixed":
      return livePodImages(await deployer.tree(application, signal));
    case "none":
      return deployer.manifestImages(application, signal);
  }
}
