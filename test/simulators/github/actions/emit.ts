import type { Work } from "../http/context.ts";
import { renderOrganization, renderUser } from "../render/account.ts";
import { renderPayloadRepository } from "../render/repository.ts";
import { ownerOf } from "../state/find.ts";
import type { Repository } from "../state/records.ts";

/** Tells an event of a repository; every payload says where and who. */
export function emit(
  work: Work,
  name: { event: string; action: string | null; onlyApp?: number },
  repository: Repository,
  payload: Record<string, unknown>,
): void {
  const { world, actor, outbox } = work;
  const current = world.tables.repositories.need(repository.id);
  const owner = ownerOf(world, current);
  outbox.push({
    event: name.event,
    action: name.action,
    repository: current,
    ...(name.onlyApp === undefined ? {} : { onlyApp: name.onlyApp }),
    payload: {
      ...(name.action === null ? {} : { action: name.action }),
      ...payload,
      repository: payload["repository"] ?? renderPayloadRepository(world, current),
      ...(owner.type === "Organization" ? { organization: renderOrganization(world, owner) } : {}),
      sender: renderUser(world, actor.account),
    },
  });
}
