import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Listener = { url: string; port: number; server: Server };

type Handler = (incoming: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** Listens on loopback; what a handler throws is answered with 500 and told. */
export async function listen(
  port: number,
  handle: Handler,
  failed: (error: unknown) => void,
): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    Promise.resolve()
      .then(() => handle(incoming, response))
      .catch((error: unknown) => {
        const gone = (error as { code?: string }).code === "ECONNRESET" || incoming.destroyed;
        if (!gone) failed(error);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
  });
  await open(server, port);
  const address = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, server };
}

export function open(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

export function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
