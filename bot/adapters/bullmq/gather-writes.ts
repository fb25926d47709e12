import type { Redis } from "ioredis";

/**
 * Lets the commands of one turn of the event loop leave together. A system call for each costs as much as everything
 * else that is done to store a delivery. ioredis' own pipelining holds commands back until the last batch is answered.
 */
export function gatherWrites(client: Redis): void {
  const send = client.sendCommand.bind(client);
  client.sendCommand = (command, stream) => {
    const socket: Redis["stream"] | undefined = client.stream;
    if (socket?.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    return send(command, stream);
  };
}
