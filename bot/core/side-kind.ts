/**
 * Promotions beside a stream's own one, each with a branch and a pull request of its own:
 *
 * - `rollback`  back to what was verified there before
 * - `catch-up`  tenants that came later, to what their ring is verified on
 * - `subset`    some tenants, or an artifact that somebody named, because a person asked for it
 */
export type SideKind = "rollback" | "catch-up" | "subset";
