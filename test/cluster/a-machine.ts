import type { Ran, Run, RunOptions } from "../../cluster/run.ts";
import { shown } from "../../cluster/run.ts";

export type Machine = {
  readonly run: Run;
  /** Every command that was asked for, in order, as a person would type it. */
  readonly commands: string[];
  readonly options: (RunOptions | undefined)[];
};

export type MachineState = {
  cluster?: boolean;
  registry?: "absent" | "stopped" | "running";
  joined?: boolean;
  /** What a command that begins so answers instead, by its first words. */
  answers?: Readonly<Record<string, Partial<Ran>>>;
};

export const digest = `sha256:${"d".repeat(64)}`;
export const revision = "0123456789abcdef0123456789abcdef01234567";

/**
 * A machine on which docker, kind and kubectl are recorded, and remember what they made: as far as `up` and `down` can
 * tell, a real one.
 */
export function aMachine(state: MachineState = {}): Machine {
  let { cluster = false, registry = "absent", joined = false } = state;
  const commands: string[] = [];
  const options: Machine["options"] = [];
  const tools: Readonly<Record<string, () => Partial<Ran>>> = {
    "docker version": () => ({ out: "28.2.2\n" }),
    "kind version": () => ({ out: "kind v0.31.0 go1.25.5 linux/amd64\n" }),
    "kubectl version": () => ({ out: '{ "clientVersion": { "gitVersion": "v1.35.0" } }' }),
    "docker inspect --format '{{json": () => ({ out: joined ? '{"kind":{}}' : '{"bridge":{}}' }),
    "docker inspect": () =>
      registry === "absent"
        ? { code: 1, err: "no such object" }
        : { out: `${registry === "running"}\n` },
    "docker run": () => ((registry = "running"), {}),
    "docker start": () => ((registry = "running"), {}),
    "docker rm": () => ((registry = "absent"), (joined = false), {}),
    "docker network connect": () => ((joined = true), {}),
    "docker push": () => ({ out: `sha-0123456789ab: digest: ${digest} size: 1574\n` }),
    "kind get clusters": () => ({ out: cluster ? "other\nsluice\n" : "other\n" }),
    "kind get nodes": () => ({ out: "sluice-control-plane\nsluice-worker\nsluice-worker2\n" }),
    "kind create": () => ((cluster = true), {}),
    "kind delete": () => ((cluster = false), {}),
    "git rev-parse": () => ({ out: `${revision}\n` }),
    "docker build": () => ({}),
    "docker exec": () => ({}),
    kubectl: () => ({}),
  };
  return {
    commands,
    options,
    run: (command, given) => {
      const text = shown(command);
      commands.push(text);
      options.push(given);
      const answer =
        Object.entries(state.answers ?? {}).find(([start]) => text.startsWith(start))?.[1] ??
        Object.entries(tools).find(([start]) => text.startsWith(start))?.[1]();
      if (answer === undefined) throw new Error(`nobody said what ${text} does`);
      return Promise.resolve({ code: 0, out: "", err: "", ...answer });
    },
  };
}
