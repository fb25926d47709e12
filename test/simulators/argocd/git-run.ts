import { execFile, spawn } from "node:child_process";

const ENVIRONMENT = { ...process.env, GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };

/** Runs the `git` program; `input` is its standard input; rejects with its standard error. */
export function git(args: string[], cwd: string, input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      "git",
      args,
      { cwd, env: ENVIRONMENT, maxBuffer: 64 * 1024 * 1024, timeout: 60_000 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(stderr.trim() || error.message, { cause: error }));
      },
    );
    // A program that never reads its input may be gone before it is written.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

export type CatFile = {
  /** The object's bytes, or undefined when Git does not know it. */
  read(object: string): Promise<Buffer | undefined>;
  close(): void;
};

/** One long-lived `git cat-file --batch`: a read costs no process. */
export function openCatFile(cwd: string): CatFile {
  const child = spawn("git", ["cat-file", "--batch"], {
    cwd,
    env: ENVIRONMENT,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const waiting: {
    resolve: (value: Buffer | undefined) => void;
    reject: (error: Error) => void;
  }[] = [];
  let buffered: Buffer = Buffer.alloc(0);

  function fail(error: Error): void {
    for (const request of waiting.splice(0)) request.reject(error);
  }

  child.on("error", fail);
  child.on("exit", () => fail(new Error("git cat-file ended")));
  child.stdin.on("error", fail);
  child.stdout.on("data", (chunk: Buffer) => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    while (waiting.length > 0) {
      const answer = takeAnswer(buffered);
      if (answer === undefined) return;
      buffered = buffered.subarray(answer.length);
      waiting.shift()!.resolve(answer.content);
    }
  });

  return {
    read(object) {
      if (object.includes("\n")) return Promise.resolve(undefined);
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${object}\n`);
      });
    },
    close() {
      child.removeAllListeners("exit");
      child.kill();
      fail(new Error("the Git source is closed"));
    },
  };
}

function takeAnswer(data: Buffer): { length: number; content: Buffer | undefined } | undefined {
  const lineEnd = data.indexOf(10);
  if (lineEnd < 0) return undefined;
  const match = /^[0-9a-f]{40,64} \w+ (\d+)$/.exec(data.subarray(0, lineEnd).toString());
  if (match === null) return { length: lineEnd + 1, content: undefined };
  const start = lineEnd + 1;
  const end = start + Number(match[1]);
  if (data.length < end + 1) return undefined;
  return { length: end + 1, content: data.subarray(start, end) };
}
