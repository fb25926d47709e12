import { codeSpan } from "./inert.ts";
import { isName } from "./name.ts";

/** What a box of the dashboard does once somebody ticks it. */
export type Tick =
  | { readonly kind: "hold" | "freeze"; readonly environment: string }
  /** Lifts the stop of this key (`stopKey`). */
  | { readonly kind: "lift"; readonly key: string }
  /** Agrees to merge this very head, as `/promote` does. */
  | { readonly kind: "promote"; readonly pull: number; readonly head: string };

/** `- [ ] text`, with what it means behind it; `text` is Markdown of our own. */
export function renderTick(tick: Tick, text: string): string {
  return `- [ ] ${text} ${opening}${tickId(tick)}${closing}`;
}

/**
 * The boxes that are ticked in `after` and were there, unticked, in `before`. Whoever may edit the issue may also write
 * boxes of their own: those count for nothing, and every deed is permitted anew.
 */
export function newTicks(before: string, after: string): readonly Tick[] {
  const open = new Set(boxes(before).flatMap(({ ticked, id }) => (ticked ? [] : [id])));
  const ids = boxes(after).flatMap(({ ticked, id }) => (ticked && open.has(id) ? [id] : []));
  return [...new Set(ids)].flatMap((id) => parseId(id) ?? []);
}

/** The boxes that are ticked in a text, whoever ticked them. */
export function standingTicks(body: string): readonly Tick[] {
  const ids = boxes(body).flatMap(({ ticked, id }) => (ticked ? [id] : []));
  return [...new Set(ids)].flatMap((id) => parseId(id) ?? []);
}

/** At most so many are named. */
const mostUnheard = 10;

/** What is said of boxes that were ticked without Sluice being told of it, or nothing. */
export function renderUnheard(ticks: readonly Tick[]): string {
  if (ticks.length === 0) return "";
  const named = ticks.slice(0, mostUnheard).map(describeTick).join("; ");
  return `**Not heard:** Sluice found ticked what nobody had told it of, so it does not know who it was, and did nothing: ${named}. Tick it again, or write the command in a comment.`;
}

function describeTick(tick: Tick): string {
  switch (tick.kind) {
    case "hold":
      return `put ${codeSpan(tick.environment, 63)} on hold`;
    case "freeze":
      return `freeze ${codeSpan(tick.environment, 63)}`;
    case "lift":
      return `lift ${codeSpan(tick.key, 140)}`;
    case "promote":
      return `agree to merge #${tick.pull}`;
  }
}

const opening = "<!-- sluice:tick ";
const closing = " -->";

function boxes(body: string): readonly { readonly ticked: boolean; readonly id: string }[] {
  return body.split(/\r?\n/).flatMap((line) => {
    const [, box, id] =
      /^- \[([ xX])\] .*<!-- sluice:tick ([a-z0-9 /*-]{1,300}?) -->\s*$/.exec(line) ?? [];
    return box === undefined || id === undefined ? [] : [{ ticked: box !== " ", id }];
  });
}

/** Names what a box does: two with the same name do the same. */
export function tickId(tick: Tick): string {
  switch (tick.kind) {
    case "hold":
    case "freeze":
      return `${tick.kind} ${tick.environment}`;
    case "lift":
      return `lift ${tick.key}`;
    case "promote":
      return `promote ${tick.pull} ${tick.head}`;
  }
}

function parseId(id: string): Tick | null {
  const [kind = "", subject = "", head = "", ...more] = id.split(" ");
  if (more.length > 0) return null;
  if ((kind === "hold" || kind === "freeze") && head === "" && isName(subject))
    return { kind, environment: subject };
  if (kind === "lift" && head === "" && isStopKey(subject)) return { kind, key: subject };
  if (kind === "promote" && /^[1-9]\d{0,9}$/.test(subject) && /^[0-9a-f]{40}$/.test(head))
    return { kind, pull: Number(subject), head };
  return null;
}

function isStopKey(text: string): boolean {
  const [kind = "", environment = "", service, ...more] = text.split("/");
  if (!isName(environment) || more.length > 0) return false;
  if (kind === "freeze") return service === undefined;
  return kind === "hold" && service !== undefined && (service === "*" || isName(service));
}
