import { ok } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { pageOf } from "../http/pagination.ts";

/** Newest first. Another repository's are not found here, whatever they are about. */
async function listAttestations(context: RepositoryContext): Promise<Answer> {
  const { world, repository, params, asOf } = context;
  const { perPage } = pageOf(context);
  const rows = world.tables.attestations
    .filter(
      (row) => row.repositoryId === repository.id && row.digest === params["subject_digest"],
      asOf,
    )
    .toSorted((one, other) => other.id - one.id)
    .slice(0, perPage);
  return ok({
    attestations: rows.map(({ bundle }) => ({
      bundle,
      repository_id: repository.id,
      initiator: "user",
    })),
  });
}

export const attestationRoutes: Route[] = [
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/attestations/{subject_digest}",
    scope: "repository",
    needs: [["attestations", "read"]],
    handle: listAttestations,
  },
];
