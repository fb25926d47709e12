import { createPostgresBackend, Queue, runMigrations, Worker } from "bullmq";
import type { BackendFactory, ConnectionOptions, RedisQueueBackend } from "bullmq";
import type pg from "pg";

import { Fault } from "#core/error.ts";
import type { Facts } from "#ports/facts.ts";

import { createFactTable, postgresFacts } from "../facts/postgres-facts.ts";
import type { Envelope } from "./envelope.ts";
import { closePool, openPool, queueSchema, watchBorrowed } from "./postgres-pool.ts";
import type { PostgresAddress } from "./postgres-pool.ts";
import type { QueueBackend } from "./queue-backend.ts";
import { queueDefaults, workerDefaults } from "./queue-defaults.ts";

/** Every worker holds one session to listen on, beside those that its statements take. */
const workerSessions = 12;

/**
 * Jobs and facts in a PostgreSQL database. Deliveries go through a pool of their own with a short deadline, so
 * that ingress learns at once that the database is away while workers wait for it.
 */
export function postgresBackend(
  address: PostgresAddress,
  options: {
    kind?: "postgres" | "embedded";
    deliveryDeadlineMs?: number;
    drainDelaySeconds?: number;
    onError: (error: unknown) => void;
    onPool?: (pool: pg.Pool) => void;
  },
): QueueBackend {
  const deliveryDeadlineMs = options.deliveryDeadlineMs ?? 800;
  const borrowed = new Map<pg.Pool, ReadonlySet<pg.PoolClient>>();
  const open = (max: number, statementDeadlineMs: number): pg.Pool => {
    const pool = openPool(address, { max, statementDeadlineMs, onError: options.onError });
    borrowed.set(pool, watchBorrowed(pool));
    options.onPool?.(pool);
    return pool;
  };
  const adding = open(8, deliveryDeadlineMs);
  const working = open(workerSessions, 30_000);
  const remembering = open(4, 5_000);
  const guarding = open(8, 10_000);
  const facts: Facts = postgresFacts(remembering);

  return {
    kind: options.kind ?? "postgres",
    deliveryDeadlineMs,
    facts,
    prepare: () => migrate(working, remembering),
    ping: async () => {
      await adding.query("SELECT 1");
    },
    createQueue: (name) =>
      new Queue<Envelope, unknown>(
        name,
        {
          ...queueDefaults(name),
          connection: asConnection(name === "deliveries" ? adding : working),
        },
        backendFactory,
      ),
    createWorker: (name, processor, tuning) =>
      new Worker<Envelope, unknown>(
        name,
        processor,
        {
          ...workerDefaults(tuning),
          drainDelay: options.drainDelaySeconds ?? 5,
          connection: asConnection(working),
        },
        backendFactory,
      ),
    alone: (key, add) => holdingLock(guarding, key, add),
    hasFollower: async (name, id) => {
      const { rowCount } = await working.query(`SELECT 1 ${followerOf}`, [name, id]);
      return rowCount === 1;
    },
    takeFollower: async (name, id) => {
      const { rowCount } = await working.query(`DELETE ${followerOf}`, [name, id]);
      return rowCount === 1;
    },
    close: async () => {
      await Promise.allSettled([...borrowed].map(([pool, held]) => closePool(pool, held)));
    },
  };
}

const followerOf = `FROM ${queueSchema}.dedup_next WHERE queue = $1 AND dedup_id = $2`;

/** A lock that all replicas see, for as long as the work takes; it falls with the session. */
async function holdingLock(
  pool: pg.Pool,
  key: string,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const session = await pool.connect();
  let broken = false;
  try {
    await session.query("BEGIN");
    await session.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [key]);
    return await work();
  } finally {
    await session.query("COMMIT").catch(() => {
      broken = true;
    });
    session.release(broken);
  }
}

async function migrate(working: pg.Pool, remembering: pg.Pool): Promise<void> {
  try {
    const session = await working.connect();
    try {
      await runMigrations(session, queueSchema);
    } finally {
      session.release();
    }
    await createFactTable(remembering);
  } catch (error) {
    throw faultOf(error);
  }
}

/** Queues and workers behave alike over both backends, but are typed for Redis unless told in eight type arguments. */
const backendFactory = createPostgresBackend as unknown as BackendFactory<RedisQueueBackend>;

function asConnection(pool: pg.Pool): ConnectionOptions {
  return pool as unknown as ConnectionOptions;
}

/** Errors that say "as it is, this database must not be used"; everything else may pass. */
const permanent: Readonly<Record<string, string>> = {
  UnsupportedPostgresVersionError: "Upgrade PostgreSQL to 13 or newer.",
  SchemaVersionMismatchError: "A newer Sluice has used this database: upgrade this one.",
};

function faultOf(error: unknown): Fault {
  const name = error instanceof Error ? error.name : "";
  const remedy = permanent[name];
  if (remedy !== undefined) {
    return new Fault("queue.database-unfit", `The database of DATABASE_URL is not fit. ${remedy}`, {
      retryable: false,
      cause: error,
    });
  }
  return new Fault(
    "queue.unavailable",
    "The database of DATABASE_URL cannot be reached or refuses us. Check that it runs, and the user's right to create a schema.",
    { retryable: true, cause: error },
  );
}
