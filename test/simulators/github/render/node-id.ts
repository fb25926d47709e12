/** GitHub's opaque global ids; ours carry the kind and the number, so that GraphQL can find the thing again. */
export function nodeId(kind: string, id: number | string): string {
  return `${kind}_${Buffer.from(String(id)).toString("base64url")}`;
}

export function parseNodeId(text: string): { kind: string; id: string } | undefined {
  const match = /^([A-Za-z]+)_([\w-]+)$/u.exec(text);
  if (match === null) return undefined;
  return { kind: match[1] ?? "", id: Buffer.from(match[2] ?? "", "base64url").toString("utf8") };
}
