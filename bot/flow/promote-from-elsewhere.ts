import { isFloating } from "#core/artifact.ts";
import type { Command } from "#core/command.ts";
import { findEnvironment, type Policy, type ServicePolicy } from "#core/policy.ts";
import { revisionInTag } from "#core/tag-revision.ts";
import { listNames } from "#core/words.ts";
import type { PullRequest } from "#ports/github-things.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandMeaning } from "./command-decision.ts";
import { denied } from "./command-meaning.ts";
import type { CommandPlace } from "./command-place.ts";
import { consent } from "./decide-consent.ts";
import { decideSide } from "./decide-side.ts";
import { sameRepository } from "./find-gitops-repositories.ts";
import { findRevision } from "./find-revision.ts";
import { mayPromote } from "./may-promote.ts";
import { youngestFirst } from "./remember.ts";
import type { RepositoryContext } from "./repository-context.ts";

type Elsewhere = Exclude<CommandPlace, { kind: "promotion" }>;

/**
 * `/promote` where no promotion says what it is about: on the dashboard it agrees to the open promotion that is named;
 * on a merged pull request of the source it means the artifact that was built from its merge.
 */
export async function promoteFromElsewhere(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  command: Command,
  place: Elsewhere,
): Promise<CommandMeaning> {
  const fed = servicesAt(policy, event, place);
  if (command.name !== "promote" || fed.length === 0)
    return denied(
      event,
      "This is not a promotion: write the command on the promotion's pull request.",
    );
  if (place.kind === "other" && place.pull.mergedAt === null)
    return denied(
      event,
      "This is not a promotion, and not merged either: what it builds can be promoted once it is.",
    );
  const environment = findEnvironment(policy, command.environment ?? "");
  if (environment === undefined) {
    const names = policy.environments.map(({ name }) => `\`${name}\``);
    return denied(event, `Which environment? Name it: ${names.join(", ")}.`);
  }
  const service = fed.find(({ name }) => name === command.service) ?? only(fed, command.service);
  if (service === null)
    return denied(
      event,
      `Which service? Name it with --service: ${listNames(fed.map(({ name }) => name))}.`,
    );
  const promoter = await mayPromote(context, environment, event.author);
  if (promoter.kind === "may-not") return denied(event, promoter.sentence);
  const { to, tenants, dryRun } = command;
  const at = { environment: environment.name, service: service.name, ring: null };
  if (to === null && tenants === null && place.kind === "dashboard")
    return consent(context, policy, event, { on: null, place: at, artifact: null, dryRun });
  const built =
    to === null && place.kind === "other"
      ? await builtFrom(context, service, place.pull)
      : ({ kind: "tag", tag: to } as const);
  if (built.kind === "refused") return denied(event, built.sentence);
  const { tag } = built;
  if (tag === null && place.kind === "other")
    return denied(
      event,
      `No image of ${service.name} that was built from ${place.pull.mergeRevision?.slice(0, 7)} is known yet: write it again once it is published.`,
    );
  return decideSide(context, policy, event, "promote", { ...at, tag, tenants, dryRun });
}

/** On the dashboard every service; on a pull request those that are built from its repository. */
function servicesAt(
  { services }: Policy,
  { repository }: CommentEvent,
  place: Elsewhere,
): readonly ServicePolicy[] {
  if (place.kind === "dashboard") return services;
  if (!place.pull.sameRepository && place.pull.mergedAt === null) return [];
  return services.filter(({ source }) => sameRepository(source?.repository ?? null, repository));
}

function only(services: readonly ServicePolicy[], named: string | null): ServicePolicy | null {
  return named === null && services.length === 1 ? (services[0] ?? null) : null;
}

/** The tag that was built from the merge, the youngest where there are several; null where none is known. */
async function builtFrom(
  context: RepositoryContext,
  service: ServicePolicy,
  { mergeRevision }: PullRequest,
): Promise<BuiltFrom> {
  if (mergeRevision === null) return { kind: "tag", tag: null };
  const known = youngestFirst(await context.memory.candidates(service.name));
  for (const { tag, digest, revision } of known) {
    if (!service.match.test(tag) || isFloating(tag)) continue;
    if (revision === mergeRevision) return { kind: "tag", tag };
    const short = revision === null ? revisionInTag(tag) : null;
    if (short === null || !mergeRevision.startsWith(short)) continue;
    const artifact = { repository: service.image, tag, digest, revision };
    const found = await findRevision(context, service, artifact);
    if (found.kind === "refused") return { kind: "refused", sentence: found.sentence };
    if (found.kind === "found" && found.revision === mergeRevision) return { kind: "tag", tag };
  }
  return { kind: "tag", tag: null };
}

type BuiltFrom =
  | { readonly kind: "tag"; readonly tag: string | null }
  /** More than one commit begins as the tag says. */
  | { readonly kind: "refused"; readonly sentence: string };
