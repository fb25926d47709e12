import type { Work } from "../http/context.ts";
import { renderCheckSuite } from "../render/check.ts";
import { covers } from "../state/find.ts";
import type { CheckSuite, Repository } from "../state/records.ts";
import { emit } from "./emit.ts";

/** The suite of an App on a commit; there is one, and it is made when first needed. */
export function suiteOf(
  { world }: Work,
  repository: Repository,
  appId: number,
  headSha: string,
  branch?: { name: string; before: string | null },
): CheckSuite {
  const { checkSuites } = world.tables;
  const found = checkSuites.find(
    (row) => row.repositoryId === repository.id && row.appId === appId && row.headSha === headSha,
  );
  if (found !== undefined) return found;
  return checkSuites.insert({
    id: world.nextId("check"),
    repositoryId: repository.id,
    appId,
    headSha,
    headBranch: branch?.name ?? branchAt(world, repository, headSha),
    before: branch?.before ?? null,
    rerequestable: true,
    createdAt: world.date(),
    updatedAt: world.date(),
  });
}

function branchAt(world: Work["world"], repository: Repository, sha: string): string | null {
  const ref = world
    .git(repository)
    .refs.list("refs/heads/")
    .find((entry) => entry.sha === sha);
  return ref === undefined ? null : ref.ref.slice("refs/heads/".length);
}

/** A push asks every App that may write checks for a suite on the new head. */
export async function requestSuites(
  work: Work,
  repository: Repository,
  branch: string,
  { before, after }: { before: string; after: string },
): Promise<void> {
  const { world } = work;
  const installations = world.tables.installations.filter(
    (row) => covers(row, repository) && row.permissions["checks"] === "write",
  );
  for (const { appId } of installations) {
    const suite = suiteOf(work, repository, appId, after, { name: branch, before });
    await tellSuite(work, repository, suite, "requested", appId);
  }
}

export async function tellSuite(
  work: Work,
  repository: Repository,
  suite: CheckSuite,
  action: "requested" | "rerequested" | "completed",
  onlyApp?: number,
): Promise<void> {
  const name = { event: "check_suite", action, ...(onlyApp === undefined ? {} : { onlyApp }) };
  const { repository: _repository, ...rendered } = await renderCheckSuite(
    work.world,
    repository,
    suite,
  );
  emit(work, name, repository, { check_suite: rendered });
}
