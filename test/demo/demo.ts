import { narrator } from "./narrate.ts";
import { gitProblem } from "./needs-git.ts";
import { readOptions, usage } from "./options.ts";
import { playStory } from "./story.ts";

/**
 * `npm run demo`: both simulators, the embedded queue and the bot, and one image's way from its registry event to prod.
 * The last line is JSON; the exit code is 0 only when the story ended as it should. A signal stops everything that was
 * started and leaves nothing behind.
 */
const read = readOptions(process.argv.slice(2));
if (read.kind === "help") {
  process.stdout.write(usage);
  process.exit(0);
}
if (read.kind === "invalid") {
  for (const problem of read.problems) process.stderr.write(`${problem}\n`);
  process.stderr.write(`\n${usage}`);
  process.exit(2);
}

const problem = gitProblem();
if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

const stopped = new AbortController();
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)
  process.once(signal, () => {
    process.exitCode = code;
    stopped.abort();
  });
// Whoever read our output is gone: there is nobody to tell.
process.stdout.on("error", () => stopped.abort());

const tell = narrator(performance.now());
const result = await playStory(read.options, tell, stopped.signal);
tell.close();
if (result === null) process.exit();
process.stdout.write(`${JSON.stringify(result)}\n`, () => {
  process.exit(result.result === "ok" ? 0 : 1);
});
