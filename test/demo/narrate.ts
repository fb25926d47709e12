import { styleText } from "node:util";

/** Writes the story line by line, with the time since its beginning. */
export type Narrator = {
  say(who: string, sentence: string, mark?: Mark): void;
  /** What is being waited for: a living line at the bottom of a terminal; elsewhere a line every ten quiet seconds. */
  progress(sentence: string): void;
  /** How far the tenants are, in a few words; stands before what is being waited for. */
  standing(words: string): void;
  /** While a question stands at the bottom, `draw` puts it there again under every new line; null: it was answered. */
  asking(draw: (() => void) | null): void;
  /** Nothing moves any more. */
  close(): void;
};

export type Mark = "·" | "✔" | "✘" | "●";

const nameWidth = 8;
const quietSeconds = 10;
const spinner = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

export function narrator(start: number, out: NodeJS.WriteStream = process.stdout): Narrator {
  let waiting = "";
  let words = "";
  let drawn = false;
  let question: (() => void) | null = null;
  let turn = 0;
  let lastLine = performance.now();
  const timer = setInterval(out.isTTY ? live : beat, out.isTTY ? 120 : 1_000);
  timer.unref();

  function time(): string {
    return `${((performance.now() - start) / 1000).toFixed(1)}s`.padStart(7);
  }

  function clear(): void {
    if (drawn || question !== null) out.write("\r\u001b[2K");
    drawn = false;
  }

  function live(): void {
    if (waiting === "" || question !== null) return;
    turn += 1;
    const text = `${time()}  ${spinner[turn % spinner.length]} ${withStanding()}`;
    out.write(`\r\u001b[2K${styleText("dim", text.slice(0, (out.columns || 80) - 1))}`);
    drawn = true;
  }

  function beat(): void {
    if (waiting === "" || performance.now() - lastLine < quietSeconds * 1000) return;
    line(`${time()}  … ${withStanding()}`);
  }

  function withStanding(): string {
    return words === "" ? waiting : `${words}  ${waiting}`;
  }

  function line(text: string): void {
    clear();
    out.write(`${text}\n`);
    lastLine = performance.now();
    question?.();
  }

  return {
    say: (who, sentence, mark = "·") => {
      const name = styleText("bold", who.padEnd(nameWidth));
      line(`${styleText("dim", time())}  ${coloured(mark)} ${name} ${sentence}`);
    },
    progress: (sentence) => {
      waiting = sentence;
    },
    standing: (text) => {
      words = text;
    },
    asking: (draw) => {
      clear();
      question = draw;
      lastLine = performance.now();
    },
    close: () => {
      clearInterval(timer);
      clear();
    },
  };
}

function coloured(mark: Mark): string {
  if (mark === "✔") return styleText("green", mark);
  if (mark === "✘") return styleText("red", mark);
  return styleText("cyan", mark);
}

export function link(url: string): string {
  return styleText("underline", url);
}
