/** What the bot logged, as far as the story needs it. */
export type BotEvent = {
  readonly message: string;
  readonly environment?: string;
  readonly service?: string;
  readonly ring?: string;
  readonly artifact?: string;
  readonly pull?: number;
  readonly url?: string;
  readonly revision?: string;
  readonly result?: string;
  readonly sentence?: string;
  readonly targets?: number;
  readonly reason?: string;
  readonly command?: string;
  readonly by?: string;
};

/** Reads one line of the bot's log; null for what is none. */
export function botEvent(line: string): BotEvent | null {
  if (!line.startsWith("{")) return null;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === "object" && parsed !== null && "message" in parsed
      ? (parsed as BotEvent)
      : null;
  } catch {
    return null;
  }
}
