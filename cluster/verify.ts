import { checks } from "./checks.ts";
import { type Run, shown } from "./run.ts";

/** Asks everything, also after something is found wrong; true where nothing is. */
export async function verify(run: Run, say: (line: string) => void): Promise<boolean> {
  let well = true;
  for (const { name, command, judge } of checks) {
    const { code, out, err } = await run(command, { within: 60 });
    const problems = code === 0 ? judged(judge, out) : [err.trim() || `it ended with ${code}`];
    say(`${problems.length === 0 ? "✓" : "✗"} ${name}`);
    for (const problem of problems) say(`    ${problem}`);
    if (problems.length > 0) say(`    asked by: ${shown(command)}`);
    well &&= problems.length === 0;
  }
  return well;
}

function judged(judge: (out: string) => string[], out: string): string[] {
  try {
    return judge(out);
  } catch {
    return [`the answer cannot be read: ${out.trim().slice(0, 200)}`];
  }
}
