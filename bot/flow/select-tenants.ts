import { nearest, quoted } from "#core/nearest.ts";
import { matchesTenant } from "#core/ring.ts";

export type SelectedTenants =
  /** Null: everybody. */
  | { readonly kind: "selected"; readonly tenants: ReadonlySet<string> | null }
  | { readonly kind: "unknown"; readonly sentence: string; readonly nearest: string | null };

/** The tenants that names and patterns mean; each of them must mean somebody. */
export function selectTenants(
  patterns: readonly string[] | null,
  known: readonly string[],
): SelectedTenants {
  if (patterns === null) return { kind: "selected", tenants: null };
  const tenants = new Set<string>();
  for (const pattern of patterns) {
    const meant = known.filter((tenant) => matchesTenant(pattern, tenant));
    for (const tenant of meant) tenants.add(tenant);
    if (meant.length === 0) {
      const sentence = `No tenant there is named ${quoted(pattern)}.`;
      return { kind: "unknown", sentence, nearest: nearest(pattern, known) };
    }
  }
  return { kind: "selected", tenants };
}
