import type { Notification, PoolClient } from "pg";

/**
 * Hands a notification on to every session of the process.
 *
 * Behind PGlite's socket all sessions are one, and what it notifies arrives at whoever sent the statement, not at those
 * who listen. Without the relay a worker that waits for a delayed job would sleep through everything that comes before.
 * The function takes every new session of the process's pools.
 */
export function notificationRelay(): (client: PoolClient) => void {
  const clients = new Set<PoolClient>();
  let relaying = false;
  return (client) => {
    clients.add(client);
    client.on("end", () => clients.delete(client));
    client.on("notification", (notification: Notification) => {
      if (relaying) return;
      relaying = true;
      try {
        for (const other of clients) {
          if (other !== client) other.emit("notification", notification);
        }
      } finally {
        relaying = false;
      }
    });
  };
}
