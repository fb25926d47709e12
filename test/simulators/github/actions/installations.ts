import type { OutgoingEvent, Work } from "../http/context.ts";
import { renderInstallation, renderUser } from "../render/account.ts";
import { nodeId } from "../render/node-id.ts";
import { findRepository, fullName, repositoriesOf } from "../state/find.ts";
import type { Installation, Repository } from "../state/records.ts";

export type InstallationChange = {
  installationId: number;
  action: "suspend" | "unsuspend" | "deleted" | "remove" | "add";
  /** Names of the repositories that are added or removed. */
  repositories?: string[];
};

function short(work: Work, repository: Repository): Record<string, unknown> {
  return {
    id: repository.id,
    node_id: nodeId("R", repository.id),
    name: repository.name,
    full_name: fullName(work.world, repository),
    private: repository.private,
  };
}

/** An owner suspends, narrows or removes an installation; the App hears of it whatever it subscribed to. */
export function changeInstallation(work: Work, change: InstallationChange): void {
  const { world } = work;
  const { installations } = world.tables;
  const before = installations.need(change.installationId);
  const account = world.tables.accounts.need(before.accountId);
  const named = (change.repositories ?? [])
    .map((name) => findRepository(world, account.login, name))
    .filter((repository) => repository !== undefined);
  const present = repositoriesOf(world, before);
  const ids = named.map(({ id }) => id);
  switch (change.action) {
    case "suspend":
      installations.update(before.id, { suspendedAt: world.date() });
      break;
    case "unsuspend":
      installations.update(before.id, { suspendedAt: null });
      break;
    case "deleted":
      break;
    case "remove":
      installations.update(before.id, {
        selection: "selected",
        repositoryIds: present.map(({ id }) => id).filter((id) => !ids.includes(id)),
      });
      break;
    case "add":
      installations.update(before.id, {
        selection: "selected",
        repositoryIds: [...new Set([...present.map(({ id }) => id), ...ids])],
      });
      break;
  }
  const now = installations.need(before.id);
  work.outbox.push(eventOf(work, now, change, { named, present }));
  // An installation that is gone still hears that it is.
  if (change.action === "deleted") installations.delete(before.id);
}

function eventOf(
  work: Work,
  installation: Installation,
  { action }: InstallationChange,
  { named, present }: { named: Repository[]; present: Repository[] },
): OutgoingEvent {
  const { world, actor } = work;
  const common = {
    installation: renderInstallation(world, installation),
    sender: renderUser(world, actor.account),
  };
  if (action !== "add" && action !== "remove") {
    return {
      event: "installation",
      action,
      repository: null,
      installation,
      payload: {
        action,
        ...common,
        repositories: present.map((repository) => short(work, repository)),
        requester: null,
      },
    };
  }
  const listed = named.map((repository) => short(work, repository));
  return {
    event: "installation_repositories",
    action: action === "add" ? "added" : "removed",
    repository: null,
    installation,
    payload: {
      action: action === "add" ? "added" : "removed",
      ...common,
      repository_selection: installation.selection,
      repositories_added: action === "add" ? listed : [],
      repositories_removed: action === "add" ? [] : listed,
      requester: null,
    },
  };
}
