import type { Clock } from "#ports/clock.ts";

import type { Step } from "./call.ts";
import { toFault } from "./errors.ts";

/** Nothing but a `Fault` leaves; an answer of JSON that is not whole JSON is no answer. */
export function mapFaults(clock: Clock): Step {
  return (next) => async (call) => {
    try {
      return await next(call);
    } catch (error) {
      throw toFault(error, call, clock.now());
    }
  };
}
