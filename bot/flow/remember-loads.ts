import type { LoadOrder, LoadRecord } from "#core/load.ts";
import { streamKey, type Stream } from "#core/target.ts";
import type { Facts } from "#ports/facts.ts";

const day = 24 * 60 * 60 * 1000;

/** Which load test is to be run for a head, and where. */
export type LoadOrderFact = {
  readonly head: string;
  readonly place: {
    readonly tenant: string;
    readonly environment: string;
    readonly service: string;
  };
  readonly order: LoadOrder;
};

/** The part of a repository's memory that is about load tests. */
export function rememberLoads(facts: Facts, key: (...parts: readonly string[]) => string) {
  return {
    /** What a load test for a head came to. */
    load(head: string): Promise<LoadRecord | null> {
      return facts.get(key("load", head));
    },
    async setLoad(head: string, record: LoadRecord): Promise<void> {
      await facts.set(key("load", head), record, { ttlMs: 90 * day });
    },
    async dropLoad(head: string): Promise<void> {
      await facts.delete([key("load", head)]);
    },
    /** The load test that a stream waits for. */
    loadOrder(stream: Stream): Promise<LoadOrderFact | null> {
      return facts.get(key("load-order", streamKey(stream)));
    },
    async setLoadOrder(stream: Stream, order: LoadOrderFact): Promise<void> {
      await facts.set(key("load-order", streamKey(stream)), order, { ttlMs: 7 * day });
    },
    async dropLoadOrder(stream: Stream): Promise<void> {
      await facts.delete([key("load-order", streamKey(stream))]);
    },
  };
}
