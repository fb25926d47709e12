const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * At most so many bytes of UTF-8, ending in a note where something was cut. GitHub's 65,535 of a check run's output are
 * bytes, although its documentation says characters (github/docs#35252).
 */
export function cutBytes(text: string, limit: number): string {
  if (text.length * 3 <= limit) return text;
  const bytes = encoder.encode(text);
  if (bytes.byteLength <= limit) return text;
  const note = `\n\n… cut here: ${bytes.byteLength} bytes are more than GitHub's ${limit}.`;
  let end = limit - encoder.encode(note).byteLength;
  // A continuation byte is never the first of a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return decoder.decode(bytes.subarray(0, end)) + note;
}
