import type { Step } from "./call.ts";

/** Milliseconds. */
export type Deadlines = { readonly read: number; readonly write: number };

export const deadlines: Deadlines = { read: 10_000, write: 20_000 };

/**
 * Gives a call its time and its job's signal, whichever ends first. The hook's options are changed in place: Octokit
 * hands the same object to the authentication, which ignores any other.
 */
export function withDeadline(times: Deadlines): Step {
  return (next) => async (call) => {
    const { request } = call.options;
    const job = request.signal as AbortSignal | undefined;
    const time = AbortSignal.timeout(call.write ? times.write : times.read);
    call.options.request = {
      ...request,
      signal: job === undefined ? time : AbortSignal.any([job, time]),
    };
    try {
      return await next(call);
    } finally {
      call.options.request = request;
    }
  };
}
