import { sameArtifact, type Artifact } from "#core/artifact.ts";
import { Fault } from "#core/error.ts";
import type { Answer, CheckState, Question, StreamState } from "#core/plan-types.ts";
import { questionKey } from "#core/plan-types.ts";
import { findEnvironment, findService, type Policy, type ServicePolicy } from "#core/policy.ts";
import { streamKey } from "#core/target.ts";

import { askForLoad } from "./ask-for-load.ts";
import { compareArtifacts } from "./compare-artifacts.ts";
import { findAuthors } from "./find-authors.ts";
import { findEligibility } from "./find-eligibility.ts";
import { findRevision } from "./find-revision.ts";
import { lookAtHealth } from "./look-at-health.ts";
import { mayApprove } from "./may-approve.ts";
import { measureOnce } from "./measure-once.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { verifyAttestation } from "./verify-attestation.ts";

/** What the questions are asked about. */
export type Observation = {
  readonly policy: Policy;
  readonly streams: readonly StreamState[];
};

/** Answers all questions of one pass together. */
export async function answerQuestions(
  context: RepositoryContext,
  observation: Observation,
  questions: readonly Question[],
): Promise<ReadonlyMap<string, Answer>> {
  const answers = await Promise.all(
    questions.map(
      async (question) =>
        [questionKey(question), await answer(context, observation, question)] as const,
    ),
  );
  return new Map(answers);
}

async function answer(
  context: RepositoryContext,
  observation: Observation,
  question: Question,
): Promise<Answer> {
  if (question.kind === "health") {
    const streams = observation.streams;
    const state = streams.find((one) => streamKey(one.stream) === streamKey(question.stream));
    const environment = observation.policy.environments.find(
      (one) => one.name === question.stream.environment,
    );
    const targets = (state?.targets ?? [])
      .filter(({ desired }) => desired.kind === "artifact")
      .filter(
        ({ desired }) =>
          desired.kind === "artifact" && sameArtifact(desired.artifact, question.artifact),
      )
      .map(({ target }) => target);
    const instance = environment?.argocd ?? "default";
    return {
      kind: "health",
      health: await lookAtHealth(
        context.deps,
        { instance, targets, artifact: question.artifact },
        context.signal,
      ),
    };
  }
  if (question.kind === "reviews")
    return { kind: "reviews", reviews: await context.repository.reviews(question.number) };
  if (question.kind === "metric")
    return { kind: "metric", measurement: await measureOnce(context, question.query) };
  if (question.kind === "load") return { kind: "load", load: await askForLoad(context, question) };
  if (question.kind === "approver") {
    const { approvers, login } = question;
    const environment = findEnvironment(observation.policy, question.environment);
    if (environment === undefined) throw new Error(`no environment ${question.environment}`);
    const standing = await mayApprove(context, environment, approvers, login);
    return { kind: "approver", standing };
  }
  const service = findService(observation.policy, question.service);
  if (service === undefined) throw new Error(`no service ${question.service} in the policy`);
  switch (question.kind) {
    case "order": {
      const { from, to } = question;
      const order = await compareArtifacts(context, observation.policy, service, from, to);
      return { kind: "order", order };
    }
    case "eligible":
      return {
        kind: "eligible",
        eligibility: await findEligibility(
          context,
          observation.streams,
          service,
          question.artifact,
        ),
      };
    case "attestation": {
      const { artifact, workflow } = question;
      const attestation = await verifyAttestation(context, service, artifact, workflow);
      return { kind: "attestation", attestation };
    }
    case "authors":
      return { kind: "authors", authors: await findAuthors(context, service, question.artifact) };
    case "checks":
      return {
        kind: "checks",
        checks: await lookAtChecks(context, service, question.artifact, question.names),
      };
  }
}

async function lookAtChecks(
  context: RepositoryContext,
  service: ServicePolicy,
  artifact: Artifact,
  names: readonly string[],
): Promise<readonly CheckState[]> {
  const found = await findRevision(context, service, artifact);
  if (found.kind !== "found" || service.source === null)
    return names.map((name) => ({ name, state: "missing" }));
  const checks = context.installation.checkRuns(service.source.repository);
  const reported = Promise.all([checks.list(found.revision), checks.statuses(found.revision)]);
  const [runs, statuses] = await reported.catch((error: unknown) => {
    // What GitHub does not show has nothing to say; why, the bar says.
    if (error instanceof Fault && error.code === "github.not-found") return [[], []];
    throw error;
  });
  return names.map((name) => {
    const newest = runs
      .filter((run) => run.name === name)
      .toSorted((one, other) => other.id - one.id)[0];
    if (newest !== undefined) {
      if (newest.status !== "completed") return { name, state: "pending" };
      return { name, state: newest.conclusion === "success" ? "success" : "failure" };
    }
    const status = statuses.find((one) => one.context === name);
    if (status === undefined) return { name, state: "missing" };
    if (status.state === "success" || status.state === "pending")
      return { name, state: status.state };
    return { name, state: "failure" };
  });
}
