/** RFC 1123 label: lower-case letters, digits and inner dashes, at most 63 characters. */
export const namePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Services, environments, rings, tenants and Argo CD instances are named by RFC 1123 labels. */
export function isName(text: string): boolean {
  return namePattern.test(text);
}

/** The rule in words, for messages. */
export const nameRule = "use lower-case letters, digits and inner dashes, at most 63 characters";
