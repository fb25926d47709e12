import { setTimeout as wait } from "node:timers/promises";

import { Fault, messageOf } from "#core/error.ts";
import type { Clock } from "#ports/clock.ts";
import type { Facts } from "#ports/facts.ts";
import type { Log } from "#ports/log.ts";

import { add, block, type Budget, type Cost, noBudget, spend } from "./budget.ts";
import type { Call, Send, Step } from "./call.ts";
import { GitHubFault } from "./errors.ts";
import { exhaustedUntil } from "./limit-signs.ts";
import { Slots } from "./slots.ts";

/** Docs "Rate limits for the REST API" allow 100 of one installation, all replicas together. */
const parallel = 10;
/** Places of their own for what somebody waits for: the others may all be waiting for the budget. */
const parallelUrgent = 2;
/** A worker waits this long in place, milliseconds; for longer its job comes back later. */
const patience = 2000;
/** A call that took longer than this, milliseconds, may have been counted by GitHub in a later second. */
const prompt = 1000;
const remembered = { ttlMs: 2 * 3_600_000 };

type Ask = {
  readonly cost: Cost;
  readonly settle: (until: number | null) => void;
  readonly fail: (error: unknown) => void;
};

/**
 * Spends one installation's budget together with all replicas: what was spent and until when GitHub forbids calls
 * stand in the facts, so that a restart forgets nothing. Asks that come while the facts are being written go with the
 * next write, all together.
 */
export class Limiter {
  readonly #key: string;
  readonly #facts: Facts;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #slots = new Slots(parallel);
  readonly #urgent = new Slots(parallelUrgent);
  #asks: Ask[] = [];
  #late: Cost[] = [];
  #writing = false;

  constructor(name: string, deps: { facts: Facts; clock: Clock; log: Log }) {
    this.#key = `limits/${name}`;
    this.#facts = deps.facts;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  readonly step: Step = (next) => async (call) => {
    const signal = call.options.request.signal as AbortSignal | undefined;
    const slots = call.urgent ? this.#urgent : this.#slots;
    return slots.run(signal, async () => {
      await this.#enter(call, signal);
      return this.#watch(next, call);
    });
  };

  async #enter(call: Call, signal: AbortSignal | undefined): Promise<void> {
    for (let until = await this.#ask(call); until !== null; until = await this.#ask(call)) {
      const now = this.#clock.now().getTime();
      if (until - now > patience) throw tooLong(call, new Date(until));
      await wait(Math.max(1, until - now), undefined, { signal });
    }
  }

  async #watch(next: Send, call: Call): Promise<Awaited<ReturnType<Send>>> {
    const started = this.#clock.now().getTime();
    try {
      const answer = await next(call);
      const until = exhaustedUntil(answer.headers, this.#clock.now());
      if (until !== null) await this.#block(until);
      return answer;
    } catch (error) {
      if (!(error instanceof GitHubFault) || error.code !== "github.limited") throw error;
      const blockedUntil = await this.#block(error.retryAt);
      this.#log.warn(
        { route: call.route, until: blockedUntil, detail: error.detail },
        "GitHub limits our calls",
      );
      throw new GitHubFault(error.code, error.message, {
        retryable: true,
        status: error.status,
        detail: error.detail,
        retryAt: blockedUntil,
      });
    } finally {
      if (this.#clock.now().getTime() - started > prompt) this.#late.push(call);
    }
  }

  async #block(until: Date | null): Promise<Date> {
    const now = this.#clock.now().getTime();
    const moment = until?.getTime() ?? null;
    const budget = await this.#update((current) => block(current, now, moment));
    return new Date(budget.blockedUntil);
  }

  async #ask(call: Call): Promise<number | null> {
    return new Promise((resolve, reject) => {
      this.#asks.push({ cost: call, settle: resolve, fail: reject });
      if (!this.#writing) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#writing = true;
    while (this.#asks.length > 0) {
      const asks = this.#asks;
      const late = this.#late;
      this.#asks = [];
      this.#late = [];
      try {
        const answers = await this.#spend(asks, late);
        for (const [index, ask] of asks.entries()) ask.settle(answers[index] ?? null);
      } catch (error) {
        for (const ask of asks) ask.fail(error);
      }
    }
    this.#writing = false;
  }

  async #spend(asks: readonly Ask[], late: readonly Cost[]): Promise<(number | null)[]> {
    let answers: (number | null)[] = [];
    const now = this.#clock.now().getTime();
    await this.#update((current) => {
      let budget = late.reduce((sum, cost) => add(sum, now, cost), current);
      answers = asks.map(({ cost }) => {
        const spent = spend(budget, now, cost);
        budget = spent.budget;
        return spent.until;
      });
      return budget;
    });
    return answers;
  }

  /** Without the shared memory nobody knows what is left: then there is no call. */
  async #update(change: (current: Budget) => Budget): Promise<Budget> {
    try {
      const apply = (current: Budget | null): Budget => change(current ?? noBudget);
      return (await this.#facts.update<Budget>(this.#key, apply, remembered)) ?? noBudget;
    } catch (error) {
      throw new Fault("facts.unavailable", `The facts could not be reached: ${messageOf(error)}`, {
        retryable: true,
        cause: error,
      });
    }
  }
}

function tooLong(call: Call, until: Date): GitHubFault {
  return new GitHubFault(
    "github.limited",
    `${call.route} was not sent: GitHub's limits allow it from ${until.toISOString()} on.`,
    { retryable: true, status: null, detail: "our own budget", retryAt: until },
  );
}
