import { renderRefusalCheck, renderRefusalOverCheck } from "#core/check-run-environment.ts";
import { renderRefusal } from "#core/comment.ts";
import type { PlannedPromotion } from "#core/plan-types.ts";
import { findService, type Policy } from "#core/policy.ts";
import type { SideKind } from "#core/side-kind.ts";
import { streamKey, type Stream } from "#core/target.ts";

import { findRevision } from "./find-revision.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { tellSource } from "./tell-source.ts";

type Refusal = Extract<PlannedPromotion, { kind: "refused" }>;
type Place = { readonly repository: string; readonly revision: string };
type Said = { readonly said: string; readonly places: readonly Place[] };

/** Where no pull request can say it, a check run does: on the default branch's head and on the source commit. */
export async function reportRefusal(
  context: RepositoryContext,
  policy: Policy,
  head: string,
  stream: Stream,
  refusal: Refusal,
  side: SideKind | null = null,
): Promise<void> {
  const said = `${refusal.artifact.tag}:${refusal.reason}`;
  const last = await lastSaid(context, stream, side);
  if (last.said === said) return;
  const rendered = renderRefusalCheck({ stream, ...refusal });
  const places = [{ repository: context.job.repository, revision: head }];
  const service = findService(policy, stream.service);
  if (service?.source) {
    const found = await findRevision(context, service, refusal.artifact);
    if (found.kind === "found")
      places.push({ repository: service.source.repository, revision: found.revision });
  }
  await report(context, stream, side, rendered, places);
  const left = last.places.filter((old) => !places.some((place) => samePlace(old, place)));
  await report(context, stream, side, renderRefusalOverCheck({ stream }), left);
  await context.memory.set(noteOf(stream, side), { said, places } satisfies Said);
  context.log.info(
    { environment: stream.environment, reason: refusal.reason, refusal: renderRefusal(refusal) },
    "promotion refused",
  );
}

/** Once nothing is refused any more, nobody needs to act on what was said. */
export async function takeRefusalBack(
  context: RepositoryContext,
  stream: Stream,
  side: SideKind | null = null,
): Promise<void> {
  const last = await lastSaid(context, stream, side);
  if (last.said === "") return;
  await report(context, stream, side, renderRefusalOverCheck({ stream }), last.places);
  await context.memory.set(noteOf(stream, side), { said: "", places: [] } satisfies Said);
}

async function report(
  context: RepositoryContext,
  stream: Stream,
  side: SideKind | null,
  rendered: ReturnType<typeof renderRefusalCheck>,
  places: readonly Place[],
): Promise<void> {
  const ids = ["refused", stream.service, stream.ring, ...(side === null ? [] : [side])];
  for (const { repository, revision } of places) {
    const tell = async () =>
      context.installation.checkRuns(repository).report({
        ...rendered,
        revision,
        name: `sluice/${stream.environment}`,
        externalId: ids.join(":"),
      });
    if (repository === context.job.repository) await tell();
    else await tellSource(context.log, repository, tell);
  }
}

async function lastSaid(
  context: RepositoryContext,
  stream: Stream,
  side: SideKind | null,
): Promise<Said> {
  const last = await context.memory.get<Partial<Said>>(noteOf(stream, side));
  return { said: last?.said ?? "", places: last?.places ?? [] };
}

/** A promotion beside the stream's own one is refused for itself. */
function noteOf(stream: Stream, side: SideKind | null): string {
  return ["refused", streamKey(stream), ...(side === null ? [] : [side])].join("/");
}

function samePlace(one: Place, other: Place): boolean {
  return one.repository === other.repository && one.revision === other.revision;
}
