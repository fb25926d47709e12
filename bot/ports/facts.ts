/**
 * The small durable memory beside the queue. It may be emptied at any moment: whatever it holds can be found out again
 * from GitHub and Argo CD, at the price of time. Values are JSON. Keys are paths: `verdict/acme/platform/dev/…`.
 */
export interface Facts {
  get<T>(key: string): Promise<T | null>;
  set(key: string, value: unknown, options?: { ttlMs?: number }): Promise<void>;
  delete(keys: readonly string[]): Promise<void>;
  /** Every entry whose key starts with the prefix; complete at one moment. */
  list<T>(prefix: string): Promise<ReadonlyMap<string, T>>;
  /**
   * Reads, computes and writes as one step over all replicas; `change` may run more than once and must be pure.
   * Returning undefined leaves the entry as it is. Gives what `change` returned, or what stood there.
   */
  update<T>(
    key: string,
    change: (current: T | null) => T | undefined,
    options?: { ttlMs?: number },
  ): Promise<T | null>;
}
