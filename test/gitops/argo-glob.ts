/**
 * Argo CD's globs in projects and RBAC: `*` is any text, a slash included, and `?` one character
 * (util/glob/glob.go compiles them without separators). Braces and classes are refused here, since nothing uses them.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  if (/[[\]{}\\!]/.test(pattern)) throw new Error(`${pattern}: only * and ? are understood here`);
  const source = pattern
    .replaceAll(/[.+^$()|/]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}
