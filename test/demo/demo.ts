import { narrator } from "./narrate.ts";
import { readOptions } from "./options.ts";
import { playStory } from "./story.ts";

/**
 * `npm run demo`: both simulators, the embedded queue and the bot, and one image's way from its registry event to prod.
 * The last line is JSON; the exit code is 0 only when the story ended as it should.
 */
const read = readOptions(process.argv.slice(2));
if (read.kind === "invalid") {
  for (const problem of read.problems) process.stderr.write(`${problem}\n`);
  process.exit(2);
}
const result = await playStory(read.options, narrator(performance.now()));
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(result.result === "ok" ? 0 : 1);
