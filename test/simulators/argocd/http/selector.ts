import { ApiError } from "./reply.ts";

type Labels = Record<string, string>;
type Requirement = (labels: Labels) => boolean;

/** A Kubernetes label selector. A malformed one is a 500 here (Unknown), not a 400. */
export function parseSelector(text: string | null): (labels: Labels | undefined) => boolean {
  const requirements = split(text ?? "").map(requirement);
  return (labels = {}) => requirements.every((holds) => holds(labels));
}

function split(text: string): string[] {
  const parts = text.match(/(?:[^,(]|\([^)]*\))+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

const KEY = String.raw`([A-Za-z0-9](?:[\w./-]*[A-Za-z0-9])?)`;

function requirement(text: string): Requirement {
  const set = new RegExp(String.raw`^${KEY}\s+(in|notin)\s*\(([^)]*)\)$`).exec(text);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    const among = (labels: Labels) => labels[key] !== undefined && values.includes(labels[key]);
    return operator === "in" ? among : (labels) => !among(labels);
  }
  const equality = new RegExp(String.raw`^${KEY}\s*(==|=|!=)\s*([\w.-]*)$`).exec(text);
  if (equality !== null) {
    const [, key = "", operator, value] = equality;
    return operator === "!="
      ? (labels) => labels[key] !== value
      : (labels) => labels[key] === value;
  }
  const exists = new RegExp(`^(!?)${KEY}$`).exec(text);
  if (exists !== null) {
    const [, not, key = ""] = exists;
    return (labels) => (labels[key] !== undefined) === (not === "");
  }
  throw new ApiError(2, `error parsing the selector: unable to parse requirement: found '${text}'`);
}
