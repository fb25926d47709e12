/**
 * Text that comes from outside, made harmless for GitHub's Markdown: no markup, no mention, no closing keyword, no
 * link, no way out of a table cell, a comment or a line.
 */

/** In a code span: whatever stands there is shown as it is. At most `most` characters. */
export function codeSpan(text: string, most = 300): string {
  const line = oneLine(text).replaceAll("`", "'").replaceAll("|", "¦").trim();
  return line === "" ? "`(empty)`" : `\`${cutChars(line, most)}\``;
}

/**
 * As prose, for sentences of ours that may quote foreign words. What stands between a pair of backticks stays a code
 * span. At most `most` characters of the text.
 */
export function prose(text: string, most = 2000): string {
  const parts = cutChars(oneLine(text), most).split("`");
  // An odd backtick at the end opens nothing.
  const last = parts.length % 2 === 0 ? (parts.pop() ?? "") : "";
  const shown = parts.map((part, index) =>
    index % 2 === 1 && part.trim() !== "" ? codeSpan(part, most) : escape(part),
  );
  return atLineStart((shown.join("") + escape(last)).trim());
}

/** For places that know no Markdown, as the title of a check run: one line, at most `most` characters. */
export function titleLine(text: string, most = 140): string {
  return cutChars(oneLine(text).replaceAll("`", "").trim(), most);
}

/** The whole text, or as much of it as fits and `…`; never half a surrogate pair. */
export function cutChars(text: string, most: number): string {
  if (text.length <= most) return text;
  if (most < 1) return "";
  let end = most - 1;
  if (isLeadingSurrogate(text, end - 1)) end -= 1;
  return `${text.slice(0, end)}…`;
}

/**
 * The whole text, or as many whole lines as fit into `most` bytes of UTF-8 with the note behind them; of a first line
 * that is too long already, as much as fits. Never part of a character.
 */
export function cutBytes(text: string, most: number, note: string): string {
  if (byteLength(text) <= most) return text;
  const room = most - byteLength(note);
  const kept: string[] = [];
  let used = 0;
  for (const line of text.split("\n")) {
    used += byteLength(line) + 1;
    if (used > room) break;
    kept.push(line);
  }
  if (kept.length === 0 && room > 1) kept.push(headOf(text, room - 1));
  return headOf([...kept, note].join("\n"), most);
}

/** As many whole characters as fit into `most` bytes. */
function headOf(text: string, most: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(Math.max(0, most)));
  return text.slice(0, read);
}

/** Bytes of UTF-8. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isLeadingSurrogate(text, index) && isTrailingSurrogate(text, index + 1)) {
      bytes += 4;
      index += 1;
    } else bytes += 3;
  }
  return bytes;
}

/** One line, and nothing in it that hides or turns round other characters. */
function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ");
}

const zeroWidthSpace = "\u200b";

function escape(text: string): string {
  return (
    text
      .replaceAll(/[\\*_{}[\]()<>~|!$^&]/g, String.raw`\$&`)
      // GitHub makes links of these after the Markdown is read, so a backslash does not stop it.
      .replaceAll(/[@#]|:(?=\/\/)|\b(?:GH|www)(?=[-.])/gi, `$&${zeroWidthSpace}`)
  );
}

/** What only the start of a line makes a list, a rule or a heading of the line above. */
function atLineStart(line: string): string {
  return line.replace(/^[-+=]/, String.raw`\$&`).replace(/^(\d+)([.)])/, String.raw`$1\$2`);
}

function isLeadingSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isTrailingSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
