import type { Work } from "../http/context.ts";
import { renderIssue, renderLabel } from "../render/issue.ts";
import type { Issue, Label, Repository } from "../state/records.ts";
import { emit } from "./emit.ts";
import { tellPull } from "./pull-follow.ts";

export function findLabel(
  { world }: Pick<Work, "world">,
  repository: Repository,
  name: string,
): Label | undefined {
  return world.tables.labels.find(
    (row) => row.repositoryId === repository.id && row.name.toLowerCase() === name.toLowerCase(),
  );
}

export function insertLabel(
  { world }: Pick<Work, "world">,
  repository: Repository,
  { name, color, description }: { name: string; color?: string; description?: string | null },
): Label {
  return world.tables.labels.insert({
    id: world.nextId("other"),
    repositoryId: repository.id,
    name,
    color: color ?? "ededed",
    description: description ?? null,
    default: false,
  });
}

/** Sets the labels of an issue; names that do not exist yet are made, as GitHub does. */
export async function setLabels(
  work: Work,
  repository: Repository,
  issue: Issue,
  names: string[],
): Promise<Issue> {
  const { world } = work;
  const labels = names.map(
    (name) => findLabel(work, repository, name) ?? insertLabel(work, repository, { name }),
  );
  const wanted = [...new Set(labels.map((label) => label.id))];
  const added = wanted.filter((id) => !issue.labelIds.includes(id));
  const removed = issue.labelIds.filter((id) => !wanted.includes(id));
  const updated = world.tables.issues.update(issue.id, {
    labelIds: wanted,
    updatedAt: world.date(),
  });
  for (const id of added) await tellLabel(work, repository, updated, id, "labeled");
  for (const id of removed) await tellLabel(work, repository, updated, id, "unlabeled");
  return updated;
}

async function tellLabel(
  work: Work,
  repository: Repository,
  issue: Issue,
  labelId: number,
  action: "labeled" | "unlabeled",
): Promise<void> {
  const { world } = work;
  const label = renderLabel(world, repository, world.tables.labels.need(labelId));
  if (issue.pullId !== null) await tellPull(work, repository, issue.pullId, action, { label });
  else {
    const payload = { issue: renderIssue(world, repository, issue), label };
    emit(work, { event: "issues", action }, repository, payload);
  }
}
