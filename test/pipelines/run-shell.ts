import { execFile } from "node:child_process";

export type Ran = { readonly code: number; readonly out: string };

/** Runs the lines of a step as GitHub's and GitLab's runners do: Bash, ended by the first command that fails. */
export function runShell(
  lines: string,
  environment: Readonly<Record<string, string>>,
): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  execFile(
    "bash",
    ["--noprofile", "--norc", "-eo", "pipefail", "-c", lines],
    { env: { PATH: process.env["PATH"] ?? "", ...environment }, timeout: 30_000 },
    (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, out: `${stdout}${stderr}` });
    },
  );
  return promise;
}
