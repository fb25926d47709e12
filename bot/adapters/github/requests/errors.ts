import { RequestError } from "@octokit/request-error";

import { Fault } from "#core/error.ts";

import type { Call } from "./call.ts";
import { limitOf } from "./limit-signs.ts";

/** A fault of a GitHub call. It carries the route and GitHub's own sentence, never headers, URLs or tokens. */
export class GitHubFault extends Fault {
  /** HTTP status, null when no whole answer came. */
  readonly status: number | null;
  /** GitHub's own message with those of its `errors`, else what the network said. */
  readonly detail: string;

  constructor(
    code: string,
    message: string,
    options: {
      retryable: boolean;
      status: number | null;
      detail: string;
      retryAt?: Date | null;
      cause?: unknown;
    },
  ) {
    super(code, message, options);
    this.status = options.status;
    this.detail = options.detail;
  }

  /** A write may or may not have happened: read again, never send again. */
  get unknownOutcome(): boolean {
    return this.code === "github.unavailable" || this.code === "github.aborted";
  }
}

/**
 * Did GitHub answer this very call with this status, and with a message that matches? A limit is no such answer, nor is
 * the refusal of a token: an installation that is gone must not look like a branch that is not there.
 */
export function refusedWith(error: unknown, status: number, detail?: RegExp): error is GitHubFault {
  if (!(error instanceof GitHubFault) || error.status !== status) return false;
  if (error.code === "github.limited" || error.code === "github.suspended") return false;
  return detail === undefined || detail.test(error.detail);
}

export function isUnknownOutcome(error: unknown): error is GitHubFault {
  return error instanceof GitHubFault && error.unknownOutcome;
}

/** Whatever a call threw, as a fault. `now` is only used to read limits. */
export function toFault(error: unknown, call: Call, now: Date): Fault {
  if (error instanceof Fault) return error;
  const signal = call.options.request.signal;
  if (signal instanceof AbortSignal && signal.aborted) return aborted(call);
  if (error instanceof RequestError && error.response !== undefined) {
    return ofResponse(error, error.response, call, now);
  }
  const detail = networkDetail(error);
  return new GitHubFault(
    "github.unavailable",
    `${call.route} got no answer from GitHub (${detail}); it is tried again later.`,
    { retryable: true, status: null, detail },
  );
}

function ofResponse(
  error: RequestError,
  response: NonNullable<RequestError["response"]>,
  call: Call,
  now: Date,
): GitHubFault {
  const { status } = error;
  const detail = detailOf(response.data, error.message);
  const about = `${call.route} was answered ${status}: ${detail}`;
  const base = { status, detail };
  const limit = limitOf(status, response.headers, detail, now);
  if (limit !== null) {
    return new GitHubFault("github.limited", `${about}. No call is made before GitHub allows it.`, {
      ...base,
      retryable: true,
      retryAt: limit.until,
    });
  }
  if (status >= 500) {
    return new GitHubFault("github.unavailable", about, { ...base, retryable: true });
  }
  if (/has been suspended|installation has been deleted/iu.test(detail)) {
    return new GitHubFault("github.suspended", about, { ...base, retryable: false });
  }
  if (status === 404 && call.route.endsWith("/access_tokens")) {
    return new GitHubFault(
      "github.suspended",
      `${about}: the App is not installed there any more.`,
      {
        ...base,
        retryable: false,
      },
    );
  }
  // A token for one repository cannot be had any more once that repository has left.
  if (status === 422 && call.route.endsWith("/access_tokens") && /repository/iu.test(detail)) {
    return new GitHubFault("github.not-found", about, { ...base, status: 404, retryable: false });
  }
  return new GitHubFault(codeOf(status), about, { ...base, retryable: status === 409 });
}

function codeOf(status: number): string {
  switch (status) {
    case 401:
      return "github.unauthorized";
    case 403:
      return "github.forbidden";
    case 404:
      return "github.not-found";
    default:
      return "github.refused";
  }
}

function aborted(call: Call): GitHubFault {
  return new GitHubFault(
    "github.aborted",
    `${call.route} was broken off because its job ended; the job runs again.`,
    { retryable: true, status: null, detail: "aborted" },
  );
}

/** `message`, then every `errors[]`: strings and objects with a message, a field or a code. */
function detailOf(data: unknown, fallback: string): string {
  if (typeof data !== "object" || data === null || !("message" in data))
    return fallback.slice(0, 500);
  const parts = [String(data.message)];
  const errors: unknown = "errors" in data ? data.errors : undefined;
  for (const each of Array.isArray(errors) ? errors : []) parts.push(errorText(each));
  return parts
    .filter((part) => part !== "")
    .join(": ")
    .slice(0, 1000);
}

function errorText(error: unknown): string {
  if (typeof error === "string") return error;
  if (typeof error !== "object" || error === null) return "";
  const { message, field, code } = error as Record<string, unknown>;
  if (typeof message === "string") return message;
  return [field, code].filter((part) => typeof part === "string").join(" ");
}

/** Octokit wraps what `fetch` wraps what the socket said: the innermost speaks plainest. */
function networkDetail(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) ({ cause } = cause);
  if (!(cause instanceof Error)) return "unknown error";
  if (cause.name === "TimeoutError") return "out of time";
  if ("code" in cause && typeof cause.code === "string") return cause.code;
  return cause.message.slice(0, 200);
}
