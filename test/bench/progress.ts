import { styleText } from "node:util";

/** One line that changes while something takes its time; where the output is a file, a line for every new sentence. */
export function progressLine(out: NodeJS.WriteStream): {
  show: (sentence: string) => void;
  clear: () => void;
} {
  let standing = "";
  return {
    show: (sentence) => {
      if (sentence === standing) return;
      standing = sentence;
      if (out.isTTY)
        out.write(`\r\u001b[2K${styleText("dim", sentence.slice(0, (out.columns || 100) - 1))}`);
      else out.write(`  … ${sentence}\n`);
    },
    clear: () => {
      if (out.isTTY && standing !== "") out.write("\r\u001b[2K");
      standing = "";
    },
  };
}
