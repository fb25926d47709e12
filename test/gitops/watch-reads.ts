/**
 * Which keys of an object a compiled schema never asked for. Such a validator reads every property that it knows by
 * name, and walks over all keys where it takes any; so a key that nobody read, beside others that were, is a key that
 * the schema does not have.
 */
export type WatchedReads = {
  /** To be given to the validator instead of the object. */
  readonly watched: object;
  /** Paths of the keys that nobody asked for: `spec.template.spec.container`. */
  readonly unread: () => readonly string[];
};

/** Properties of this name were taken for documentation when the schemas were compiled: nothing reads them. */
const lost = new Set(["description"]);

type Seen = { readonly path: string; readonly keys: readonly string[]; readonly read: Set<string> };

export function watchReads(object: object): WatchedReads {
  const seen = new Map<object, Seen>();

  function watch(value: object, path: string): object {
    const list = Array.isArray(value);
    const entry: Seen = { path, keys: list ? [] : Object.keys(value), read: new Set() };
    if (!seen.has(value)) seen.set(value, entry);
    return new Proxy(value, {
      get(target, key) {
        const found: unknown = Reflect.get(target, key);
        if (typeof key === "string") seen.get(target)?.read.add(key);
        if (typeof found !== "object" || found === null) return found;
        const step = list
          ? `${path}[${String(key)}]`
          : [path, String(key)].filter(Boolean).join(".");
        return watch(found, step);
      },
      ownKeys(target) {
        for (const key of Object.keys(target)) seen.get(target)?.read.add(key);
        return Reflect.ownKeys(target);
      },
    });
  }

  return {
    watched: watch(object, ""),
    // An object without any read is free of form: its schema says no more than "object".
    unread: () =>
      [...seen.values()]
        .filter(({ read }) => read.size > 0)
        .flatMap(({ path, keys, read }) =>
          keys
            .filter((key) => !read.has(key) && !lost.has(key))
            .map((key) => [path, key].filter(Boolean).join(".")),
        ),
  };
}
