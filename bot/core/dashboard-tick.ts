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
  return `- [ ] ${text} ${opening}${idOf(tick)}${closing}`;
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

const opening = "<!-- sluice:tick ";
const closing = " -->";

function boxes(body: string): readonly { readonly ticked: boolean; readonly id: string }[] {
  return body.split(/\r?\n/).flatMap((line) => {
    const [, box, id] =
      /^- \[([ xX])\] .*<!-- sluice:tick ([a-z0-9 /*-]{1,300}?) -->\s*$/.exec(line) ?? [];
    return box === undefined || id === undefined ? [] : [{ ticked: box !== " ", id }];
  });
}

function idOf(tick: Tick): string {
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
