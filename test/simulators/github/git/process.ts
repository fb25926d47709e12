import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";

export type GitResult = { code: number; stdout: Buffer; stderr: string };

/** No user or system configuration may change what the simulator's git does. */
export const gitEnvironment = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_AUTHOR_NAME: "GitHub",
  GIT_AUTHOR_EMAIL: "noreply@github.com",
  GIT_COMMITTER_NAME: "GitHub",
  GIT_COMMITTER_EMAIL: "noreply@github.com",
  LC_ALL: "C.UTF-8",
};

/** Runs git once; any exit code is an answer, only a git that cannot start is an error. */
export function runGit(
  directory: string,
  args: string[],
  stdin?: string | Buffer,
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["--git-dir", directory, ...args], { env: gitEnvironment });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(out),
        stderr: Buffer.concat(err).toString("utf8"),
      });
    });
    // git may end before it has read everything; its exit code tells the story.
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
  });
}

/** Runs git and returns its output; throws on any exit code but 0. */
export async function git(
  directory: string,
  args: string[],
  stdin?: string | Buffer,
): Promise<string> {
  return (await gitBuffer(directory, args, stdin)).toString("utf8");
}

export async function gitBuffer(
  directory: string,
  args: string[],
  stdin?: string | Buffer,
): Promise<Buffer> {
  const result = await runGit(directory, args, stdin);
  if (result.code !== 0) {
    throw new Error(`git ${args[0] ?? ""} failed (${result.code}): ${result.stderr.trim()}`);
  }
  return result.stdout;
}

/** Takes one answer off the front of what has arrived, or says that more must come. */
export type AnswerParser<Answer> = (data: Buffer) => { answer: Answer; used: number } | undefined;

/** A git that stays and answers one request after another, as `cat-file --batch` does. */
export class BatchProcess<Answer> {
  #child: ChildProcessWithoutNullStreams | undefined;
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  #outgoing: string[] = [];
  #chunks: Buffer[] = [];
  #closed = false;
  readonly #directory: string;
  readonly #args: string[];
  readonly #parse: AnswerParser<Answer>;

  constructor(directory: string, args: string[], parse: AnswerParser<Answer>) {
    this.#directory = directory;
    this.#args = args;
    this.#parse = parse;
  }

  ask(request: string): Promise<Answer> {
    if (this.#closed) return Promise.reject(new Error("this git process was closed"));
    this.#child ??= this.#start();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      // What is asked in one go is sent in one go.
      if (this.#outgoing.length === 0) setImmediate(() => this.#flush());
      this.#outgoing.push(request);
    });
  }

  close(): void {
    this.#closed = true;
    this.#child?.stdin.end();
    this.#child = undefined;
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn("git", ["--git-dir", this.#directory, ...this.#args], {
      env: gitEnvironment,
    });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString("utf8")));
    child.stdin.on("error", () => {});
    child.stdout.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#drain();
    });
    child.on("error", (error) => this.#fail(error));
    child.on("close", () => {
      if (this.#child === child) this.#child = undefined;
      this.#fail(new Error(`git ${this.#args[0] ?? ""} ended: ${errors.trim()}`));
    });
    this.#child = child;
    return child;
  }

  #flush(): void {
    this.#child?.stdin.write(this.#outgoing.join(""));
    this.#outgoing = [];
  }

  #drain(): void {
    let data = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    while (data.length > 0) {
      const parsed = this.#parse(data);
      if (parsed === undefined) break;
      data = data.subarray(parsed.used);
      this.#waiting.shift()?.resolve(parsed.answer);
    }
    this.#chunks = data.length > 0 ? [data] : [];
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#chunks = [];
    for (const { reject } of waiting) reject(error);
  }
}
