import { GitHubFault } from "./errors.ts";
import { exhaustedUntil } from "./limit-signs.ts";

type GraphqlErrors = {
  errors: readonly { type?: string; message?: string }[];
  headers: object;
};

/**
 * GraphQL answers 200 and lists its errors: they become a fault like any other. What is no such answer is returned as
 * it came. `deed` ends the sentence "GitHub refused to".
 */
export function graphqlFault(error: unknown, deed: string, now: Date): unknown {
  if (error instanceof GitHubFault || !hasErrors(error)) return error;
  const detail = error.errors.map(({ message }) => message ?? "").join("; ");
  const message = `GitHub refused to ${deed}: ${detail}`;
  const is = (wanted: string): boolean => error.errors.some(({ type }) => type === wanted);
  if (is("RATE_LIMITED")) {
    const retryAt = exhaustedUntil({ ...error.headers }, now) ?? new Date(now.getTime() + 60_000);
    const limited = { retryable: true, retryAt, status: 200, detail };
    return new GitHubFault("github.limited", message, limited);
  }
  const code = is("FORBIDDEN") ? "github.forbidden" : "github.refused";
  return new GitHubFault(code, message, { retryable: false, status: 200, detail });
}

function hasErrors(error: unknown): error is GraphqlErrors {
  return (
    typeof error === "object" && error !== null && "errors" in error && Array.isArray(error.errors)
  );
}
