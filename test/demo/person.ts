import { createInterface } from "node:readline/promises";

import type { Control } from "../stage/control.ts";
import { platform } from "../stage/seed.ts";

/** What a person does in the story: somebody at the keyboard decides when, a script decides at once. */
export type Person = {
  /** Waits until the person wants to go on. */
  wait(question: string): Promise<void>;
  promote(pull: number): Promise<void>;
  revert(pull: number): Promise<void>;
  leave(): void;
};

export function person(control: Control, once: boolean): Person {
  const terminal =
    once || !process.stdin.isTTY
      ? null
      : createInterface({ input: process.stdin, output: process.stdout });
  return {
    wait: async (question) => {
      if (terminal !== null) await terminal.question(`\n         ${question} `);
    },
    promote: async (pull) => {
      await control.post("comment", {
        repository: platform,
        number: pull,
        user: "alice",
        body: "/promote",
      });
    },
    revert: async (pull) => {
      await control.post("revert", { repository: platform, number: pull, user: "alice" });
    },
    leave: () => terminal?.close(),
  };
}
