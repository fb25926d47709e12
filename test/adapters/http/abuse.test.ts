import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { afterEach, describe, expect, it } from "vitest";

import { anEdge, deliver, post, rawConnection, signedHeaders } from "./an-edge.ts";
import type { TestEdge } from "./an-edge.ts";

const MiB = 1024 * 1024;

/** Sends a body without announcing its length, and gives what came back by the time it was cut. */
async function pourChunks(port: number, bytes: number): Promise<string> {
  const { socket, received } = rawConnection({ port });
  await once(socket, "connect");
  // Being reset is a way of being cut.
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.once("close", () => resolve());
  socket.write(
    `POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nx-hub-signature-256: sha256=${"a".repeat(64)}\r\n\r\n`,
  );
  const chunk = Buffer.alloc(64 * 1024, "x");
  for (let sent = 0; sent < bytes && socket.writable; sent += chunk.length) {
    socket.write(`${chunk.length.toString(16)}\r\n`);
    socket.write(chunk);
    if (!socket.write("\r\n")) {
      await Promise.race([once(socket, "drain").catch(() => undefined), closed]);
    }
  }
  socket.end();
  await closed;
  return received();
}

describe("a stranger with 100 MiB", () => {
  it("cannot make it hold them, and is told why it is cut", async () => {
    const script = fileURLToPath(new URL("edge-process.ts", import.meta.url));
    const child = fork(script, { stdio: "inherit" });
    const said = async <T>(): Promise<T> => ((await once(child, "message")) as [T])[0];
    try {
      const { port } = await said<{ port: number }>();
      const rss = async (): Promise<number> => {
        child.send("rss");
        return (await said<{ most: number }>()).most;
      };
      // The first request loads and compiles: not what is measured.
      await pourChunks(port, 4 * MiB);
      const before = await rss();
      const text = await pourChunks(port, 100 * MiB);
      const grown = (await rss()) - before;
      expect(text).toMatch(/^HTTP\/1\.1 413 /);
      expect(text).toContain("The body is larger than 2097152 bytes");
      // Measured: 3.4 MiB, under twice the cap; the rest is for the collector of garbage.
      expect(grown).toBeLessThan(10 * MiB);
    } finally {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
  });
});

describe("strangers", () => {
  let edge: TestEdge;
  afterEach(async () => {
    await edge.stop();
  });

  it("are refused at once when they announce too much", async () => {
    edge = await anEdge({ maxBodyBytes: 1_000 });
    const { socket, received } = rawConnection(edge);
    socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1001\r\n\r\n");
    await once(socket, "close");
    expect(received()).toMatch(/^HTTP\/1\.1 413 /);
    const largest = `{"a":"${"x".repeat(992)}"}`;
    expect((await deliver(edge, largest)).status).toBe(202);
    expect((await deliver(edge, `${largest} `)).status).toBe(413);
  });

  it("are cut when they are slow, while a healthy delivery is answered", async () => {
    edge = await anEdge({ timeoutMs: 600 });
    const slow = Array.from({ length: 200 }, (_, n) => {
      const connection = rawConnection(edge);
      connection.socket.write(
        n % 2 === 0
          ? "POST / HTTP/1.1\r\nhost: a\r\n"
          : "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{",
      );
      return connection;
    });
    const cut = Promise.all(slow.map(({ socket }) => once(socket, "close")));
    const drip = setInterval(() => {
      for (const { socket } of slow) if (socket.writable) socket.write("x");
    }, 100);
    const durations: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const started = performance.now();
      expect((await deliver(edge, "{}")).status).toBe(202);
      durations.push(performance.now() - started);
      await pause(10);
    }
    const started = performance.now();
    await cut;
    clearInterval(drip);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(Math.max(...durations)).toBeLessThan(500);
    expect(slow.every(({ received }) => received().startsWith("HTTP/1.1 408 "))).toBe(true);
    expect(slow[0]?.received()).toContain('{"error":"The request took too long to arrive;');
  });

  it("get an answer to what is no HTTP, and to headers that are too large", async () => {
    edge = await anEdge();
    const cases = [
      ["hello\r\n\r\n", "400"],
      [`GET /livez HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, "431"],
      ["POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}", "400"],
      ["POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n", "400"],
    ] as const;
    for (const [text, status] of cases) {
      const { socket, received } = rawConnection(edge);
      socket.write(text);
      await once(socket, "close");
      expect(received()).toContain(`HTTP/1.1 ${status} `);
      expect(received()).toContain('{"error":"');
    }
    expect(edge.stored).toEqual([]);
  });

  it("that hang up in the middle leave nothing behind", async () => {
    edge = await anEdge();
    for (let n = 0; n < 20; n += 1) {
      const { socket } = rawConnection(edge);
      socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{");
      await pause(2);
      socket.destroy();
    }
    expect((await deliver(edge, "{}")).status).toBe(202);
    expect(edge.stored).toHaveLength(1);
  });

  it("cannot fill the memory together", async () => {
    edge = await anEdge({ maxBodyBytes: 8 * MiB });
    const headers = signedHeaders("", { "content-type": "application/json" });
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const held = Array.from({ length: 9 }, () => {
      const connection = rawConnection(edge);
      connection.socket.write(
        `POST / HTTP/1.1\r\nhost: a\r\n${head.join("\r\n")}\r\ncontent-length: ${8 * MiB}\r\n\r\n`,
      );
      connection.socket.write(Buffer.alloc(8 * MiB - 1, "x"));
      return connection;
    });
    const refused = (): number =>
      held.filter(({ received }) => received().startsWith("HTTP/1.1 503 ")).length;
    while (refused() === 0) await pause(10);
    expect(refused()).toBe(1);
    for (const { socket } of held) socket.destroy();
    await pause(50);
    expect((await post(edge, "/", "{}", signedHeaders("{}"))).status).toBe(202);
  });
});
