import type { Artifact } from "#core/artifact.ts";
import type { OpenPromotion } from "#core/plan-types.ts";
import type { ServicePolicy } from "#core/policy.ts";
import { parseTrailers } from "#core/promotion-pull-request.ts";
import type { Target } from "#core/target.ts";
import { editValues, decodeValues } from "#core/values.ts";
import type { FileEntry, PullRequest } from "#ports/github-things.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

import { editsOf } from "./edit-targets.ts";
import type { MadeFact, Memory } from "./remember.ts";

/**
 * What an open pull request on a stream's branch carries. It is ours only while its head is one commit that Sluice
 * made, or that Sluice would make again byte for byte: neither title, body, labels nor an author's name prove that.
 */
export async function observeOpenPromotion(
  repository: GitopsRepo,
  memory: Memory,
  options: {
    pull: PullRequest;
    service: ServicePolicy;
    targets: readonly Target[];
    login: string;
  },
): Promise<OpenPromotion | null> {
  const { pull } = options;
  const made =
    (await memory.made(pull.headRevision)) ??
    (await recogniseCommit(repository, memory, { ...options, revision: pull.headRevision }));
  const [agreed, approved] = await Promise.all([
    memory.consents(pull.number),
    memory.approvals(pull.number),
  ]);
  const onHead = ({ head }: { head: string }) => head === pull.headRevision;
  const base = {
    number: pull.number,
    head: pull.headRevision,
    consents: agreed.filter(onHead),
    approvals: approved.filter(onHead),
  };
  if (made !== null)
    return {
      ...base,
      artifact: made.artifact,
      tenants: made.tenants,
      left: (made.left ?? []).map(({ tenant }) => tenant),
      ownership: "sluice",
    };
  const artifact = await lastOwnArtifact(repository, pull);
  return artifact === null ? null : { ...base, artifact, tenants: [], ownership: "person" };
}

/** Computes a commit again from its parent; remembers it as Sluice's own when every byte agrees. */
export async function recogniseCommit(
  repository: GitopsRepo,
  memory: Memory,
  options: {
    revision: string;
    service: ServicePolicy;
    targets: readonly Target[];
    login: string;
  },
): Promise<MadeFact | null> {
  const { revision, service, targets, login } = options;
  const head = await repository.commit(revision);
  const trailers = parseTrailers(head.message);
  const parent = head.parents[0];
  if (trailers === null || parent === undefined || head.parents.length !== 1) return null;
  if (head.author !== login) return null;
  const [before, after] = await Promise.all([
    repository.files(parent),
    repository.files(head.revision),
  ]);
  const changed = [...after.values()].filter((entry) => before.get(entry.path)?.sha !== entry.sha);
  const removed = [...before.keys()].some((path) => !after.has(path));
  const byFile = new Map(targets.map((target) => [target.file, target]));
  const old = changed.map((entry) => before.get(entry.path));
  if (removed || changed.length === 0 || old.includes(undefined)) return null;
  const entries = old.filter((entry): entry is FileEntry => entry !== undefined);
  const [was, is] = await Promise.all([
    repository.contents(parent, entries),
    repository.contents(head.revision, changed),
  ]);
  for (const [index, entry] of entries.entries()) {
    const target = byFile.get(entry.path);
    const next = changed[index];
    const oldText = textOf(was.get(entry.sha));
    const newText = textOf(is.get(next?.sha ?? ""));
    if (target === undefined || oldText === null || newText === null) return null;
    const edited = editValues(entry.path, oldText, editsOf(service, trailers.artifact));
    if (edited.kind !== "edited" || edited.text !== newText) return null;
  }
  const made: MadeFact = {
    parent,
    promotionId: trailers.promotionId,
    artifact: trailers.artifact,
    tenants: changed.map((entry) => byFile.get(entry.path)?.tenant ?? "").sort(),
    before: Object.fromEntries(entries.map((entry) => [entry.path, entry.sha])),
  };
  await memory.setMade(head.revision, made);
  return made;
}

/** What a pull request of a promotion brings, open or not: as Sluice made it; null where nothing says so. */
export async function carriedBy(
  { repository, memory }: { readonly repository: GitopsRepo; readonly memory: Memory },
  pull: PullRequest,
): Promise<Artifact | null> {
  const made = await memory.made(pull.headRevision);
  return made?.artifact ?? lastOwnArtifact(repository, pull);
}

/** The artifact that Sluice's own commit below a person's carried, so that the plan can still name it. */
export async function lastOwnArtifact(
  repository: GitopsRepo,
  pull: PullRequest,
): Promise<Artifact | null> {
  let revision: string | undefined = pull.headRevision;
  for (let steps = 0; steps < 5 && revision !== undefined; steps += 1) {
    const commit = await repository.commit(revision);
    const trailers = parseTrailers(commit.message);
    if (trailers !== null) return trailers.artifact;
    revision = commit.parents[0];
  }
  return null;
}

function textOf(bytes: Uint8Array | undefined): string | null {
  if (bytes === undefined) return null;
  const decoded = decodeValues("", bytes);
  return decoded.kind === "text" ? decoded.text : null;
}
