import { findAccount } from "./find.ts";
import type { Account } from "./records.ts";
import type { World } from "./world.ts";

/** The account of a login, made without any rights if it is new: a person's, or an App's where the login says so. */
export function ensureAccount(
  world: World,
  login: string,
  type: Account["type"] = login.endsWith("[bot]") ? "Bot" : "User",
): Account {
  const found = findAccount(world, login);
  if (found !== undefined) return found;
  return world.tables.accounts.insert({
    id: world.nextId("account"),
    login,
    type,
    name: null,
    owners: [],
    members: [],
    basePermission: "read",
    tokens: [],
  });
}
