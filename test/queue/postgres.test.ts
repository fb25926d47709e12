import { describe, it } from "vitest";

import { findPostgres, startPostgres } from "./postgres-server.ts";
import { queueSuite } from "./suite.ts";

const given = process.env["DATABASE_URL_TEST"];
const binaries = findPostgres();

if (given !== undefined) {
  queueSuite("the queue on PostgreSQL", async () =>
    Promise.resolve({
      settings: { kind: "postgres", url: given },
      stop: async () => Promise.resolve(),
    }),
  );
} else if (binaries !== null) {
  queueSuite("the queue on PostgreSQL", async () => {
    const server = await startPostgres(binaries);
    return { settings: { kind: "postgres", url: server.url }, stop: server.stop };
  });
} else {
  console.warn(
    "SKIPPED: there is no PostgreSQL, so nothing has been tested on it. Install one, or set DATABASE_URL_TEST.",
  );
  describe.skipIf(binaries === null)("the queue on PostgreSQL", () => {
    it("needs DATABASE_URL_TEST, or initdb and postgres", () => undefined);
  });
}
