import { fitSummary, renderTable, type CheckText } from "./check-run.ts";
import { prose, titleLine } from "./inert.ts";

/** One pull request of a merge group, as its promotion stands at this moment. */
export type GroupMember = {
  readonly number: number;
  readonly verdict: GroupVerdict;
};

export type GroupVerdict =
  | { readonly kind: "not-a-promotion" }
  | { readonly kind: "passed" }
  /** The sentence says what holds it. */
  | { readonly kind: "held"; readonly sentence: string };

/**
 * What `sluice/gates` says on the commit of a merge group: success only while every promotion in it passes its gates.
 * What waits is a failure too: the queue would hold up everybody else until it is over.
 */
export function renderGroupCheck(members: readonly GroupMember[]): CheckText {
  const held = members.flatMap(({ number, verdict }) =>
    verdict.kind === "held" ? [{ number, sentence: verdict.sentence }] : [],
  );
  const rows = members.map(({ number, verdict }) => [`#${number}`, ...wordsOf(verdict)]);
  const table = renderTable(["Pull request", "State", "Why"], rows);
  const [first] = held;
  if (first !== undefined)
    return {
      status: "completed",
      conclusion: "failure",
      title: titleLine(`Not now: #${first.number}: ${first.sentence}`),
      summary: fitSummary([
        "A promotion in this merge group does not pass its gates now.",
        table,
        "**Next:** GitHub takes it out of the queue; Sluice puts it in again once its gates have passed.",
      ]),
      text: "",
    };
  if (members.every(({ verdict }) => verdict.kind === "not-a-promotion"))
    return {
      status: "completed",
      conclusion: "neutral",
      title: "Not a promotion",
      summary:
        "Sluice has nothing to say about this merge group: none of its pull requests is a promotion. Nothing needs to be done.",
      text: "",
    };
  return {
    status: "completed",
    conclusion: "success",
    title: "Ready to merge",
    summary: fitSummary([
      "Every promotion in this merge group has passed its gates.",
      table,
      "**Next:** the merge queue merges it.",
    ]),
    text: "",
  };
}

function wordsOf(verdict: GroupVerdict): readonly [string, string] {
  switch (verdict.kind) {
    case "not-a-promotion":
      return ["neutral", "Not a promotion."];
    case "passed":
      return ["passed", "Every gate has passed."];
    case "held":
      return ["failed", prose(verdict.sentence, 800)];
  }
}
