import { createInterface } from "node:readline";

import type { Control } from "../stage/control.ts";
import { platform } from "../stage/seed.ts";
import type { Narrator } from "./narrate.ts";

/** What a person does in the story: somebody at the keyboard decides when, a script decides at once. */
export type Person = {
  readonly atKeyboard: boolean;
  /** Waits until the person wants to go on; false when they have had enough. */
  goOn(question: string): Promise<boolean>;
  comment(pull: number, body: string): Promise<void>;
  revert(pull: number): Promise<void>;
  merge(pull: number): Promise<void>;
};

export function person(control: Control, tell: Narrator, once: boolean): Person {
  const atKeyboard = !once && process.stdin.isTTY && process.stdout.isTTY;
  return {
    atKeyboard,
    goOn: (question) => (atKeyboard ? ask(tell, question) : Promise.resolve(true)),
    comment: async (number, body) => {
      await control.post("comment", { repository: platform, number, user: "alice", body });
    },
    merge: async (number) => {
      await control.post("merge", { repository: platform, number, user: "alice" });
    },
    revert: async (number) => {
      await control.post("revert", { repository: platform, number, user: "alice" });
    },
  };
}

/** Enter goes on; `q`, or the end of the input, does not. Lines that the story writes meanwhile push it down. */
async function ask(tell: Narrator, question: string): Promise<boolean> {
  const keyboard = createInterface({ input: process.stdin, output: process.stdout });
  keyboard.setPrompt(`         ▸ ${question} `);
  tell.asking(() => keyboard.prompt(true));
  keyboard.prompt();
  try {
    return await new Promise<boolean>((resolve) => {
      keyboard.once("line", (line) => resolve(!/^q/i.test(line.trim())));
      keyboard.once("close", () => resolve(false));
      // In raw mode the terminal sends no signal by itself.
      keyboard.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
    });
  } finally {
    tell.asking(null);
    keyboard.close();
  }
}
