import { sameArtifact, type Artifact } from "#core/artifact.ts";
import { loadKey, type LoadOrder, type LoadRecord } from "#core/load.ts";
import { streamKey, type Stream, type Target } from "#core/target.ts";
import type { Facts } from "#ports/facts.ts";

const day = 24 * 60 * 60 * 1000;

/** One load test that is to be run, for which head, and of what. */
export type LoadOrderFact = {
  /** The pull request that waits for it. */
  readonly number: number;
  readonly head: string;
  /** Whom to drive, and what must run there all the while. */
  readonly target: Target;
  readonly artifact: Artifact;
  readonly order: LoadOrder;
  /** See `LoadRecord`. */
  readonly attempt: number;
  /** When the plan asked for it last, ISO 8601: what nobody asks for any more is not begun. */
  readonly askedAt: string;
  /** Why it could not begin when it was looked at last. */
  readonly waits?: string;
};

/** The part of a repository's memory that is about load tests. */
export function rememberLoads(facts: Facts, key: (...parts: readonly string[]) => string) {
  const recordsAt = (head: string) => key("loads", head);
  const ordersAt = (stream: Stream) => key("load-orders", streamKey(stream));
  return {
    /** What one load test for a head came to. */
    async load(head: string, order: LoadOrder): Promise<LoadRecord | null> {
      const records = await facts.get<readonly LoadRecord[]>(recordsAt(head));
      return records?.find((one) => one.key === loadKey(order)) ?? null;
    },
    async setLoad(head: string, record: LoadRecord): Promise<void> {
      await facts.update<readonly LoadRecord[]>(
        recordsAt(head),
        (records) => [...(records ?? []).filter((one) => one.key !== record.key), record],
        { ttlMs: 90 * day },
      );
    },
    /** Forgets the load tests of a head that were over by then, so that each is run once more. */
    async dropLoads(head: string, until: Date): Promise<void> {
      await facts.update<readonly LoadRecord[]>(
        recordsAt(head),
        (records) => records?.filter(({ at }) => new Date(at) > until),
        { ttlMs: 90 * day },
      );
    },

    /** The load tests that pull requests of a stream wait for. */
    async loadOrders(stream: Stream): Promise<readonly LoadOrderFact[]> {
      return (await facts.get<readonly LoadOrderFact[]>(ordersAt(stream))) ?? [];
    },
    /** Of one pull request there is one order of a kind: a newer one takes its place. */
    async setLoadOrder(stream: Stream, order: LoadOrderFact): Promise<void> {
      await facts.update<readonly LoadOrderFact[]>(
        ordersAt(stream),
        (orders) => [...(orders ?? []).filter((one) => !sameKind(one, order)), order],
        { ttlMs: 7 * day },
      );
    },
    async dropLoadOrder(
      stream: Stream,
      order: Pick<LoadOrderFact, "number" | "order">,
    ): Promise<void> {
      await facts.update<readonly LoadOrderFact[]>(
        ordersAt(stream),
        (orders) => orders?.filter((one) => !sameKind(one, order)),
        { ttlMs: 7 * day },
      );
    },
  };
}

/** Do both ask for the very same: for the same head, of the same artifact at the same place? */
export function sameLoadOrder(one: LoadOrderFact, other: LoadOrderFact): boolean {
  return (
    sameKind(one, other) &&
    one.head === other.head &&
    sameArtifact(one.artifact, other.artifact) &&
    place(one.target) === place(other.target)
  );
}

function place(target: Target): string {
  return [streamKey(target), target.tenant, target.file, target.application].join(" ");
}

type Kind = Pick<LoadOrderFact, "number" | "order">;

function sameKind(one: Kind, other: Kind): boolean {
  return one.number === other.number && loadKey(one.order) === loadKey(other.order);
}
