import { styleText } from "node:util";

import type { BotEvent } from "../stage/bot-event.ts";

/** Writes the story line by line, with the time since its beginning. */
export type Narrator = {
  say(who: string, sentence: string, mark?: Mark): void;
  /** One changing line at the bottom of a terminal; nothing where the output is a file. */
  progress(sentence: string): void;
  event(event: BotEvent): void;
};

type Mark = "·" | "✔" | "✘" | "●";

const environmentWidth = 9;

export function narrator(start: number, out: NodeJS.WriteStream = process.stdout): Narrator {
  let standing = "";

  function clear(): void {
    if (standing !== "" && out.isTTY) out.write("\r\u001b[2K");
    standing = "";
  }

  function say(who: string, sentence: string, mark: Mark = "·"): void {
    clear();
    const time = `${((performance.now() - start) / 1000).toFixed(1)}s`.padStart(7);
    const name = who.padEnd(environmentWidth);
    out.write(
      `${styleText("dim", time)}  ${coloured(mark)} ${styleText("bold", name)} ${sentence}\n`,
    );
  }

  return {
    say,
    progress: (sentence) => {
      if (!out.isTTY || sentence === standing) return;
      clear();
      out.write(styleText("dim", `         ${sentence}`.slice(0, (out.columns || 100) - 1)));
      standing = sentence;
    },
    event: (event) => {
      const line = sentenceOf(event);
      if (line !== null) say(event.environment ?? "bot", line.sentence, line.mark);
    },
  };
}

function sentenceOf(event: BotEvent): { sentence: string; mark: Mark } | null {
  const tenants = `${event.targets ?? 0} ${event.targets === 1 ? "tenant" : "tenants"}`;
  switch (event.message) {
    case "promotion opened":
      return {
        mark: "·",
        sentence: `pull request #${event.pull} for ${tenants}: ${link(event.url ?? "")}`,
      };
    case "promotion merged":
      return { mark: "·", sentence: `merged #${event.pull} as ${event.revision?.slice(0, 7)}` };
    case "promotion refused":
      return { mark: "✘", sentence: `refused: ${event.sentence ?? event.reason}` };
    case "rollout settled":
      return event.result === "verified"
        ? { mark: "✔", sentence: `verified: ${event.sentence}` }
        : { mark: "✘", sentence: `${event.result}: ${event.sentence}` };
    default:
      return null;
  }
}

function coloured(mark: Mark): string {
  if (mark === "✔") return styleText("green", mark);
  if (mark === "✘") return styleText("red", mark);
  return styleText("cyan", mark);
}

export function link(url: string): string {
  return styleText("underline", url);
}
