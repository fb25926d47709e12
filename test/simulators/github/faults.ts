/**
 * Fault plans. A rule counts the requests (or deliveries) that it fits; from the `nth` fitting one on (default the
 * first) it takes effect `times` times (default once; "always").
 *
 * | fault | what happens |
 * |---|---|
 * | `refuse` | the connection is cut and the API port refuses connections for `ms` (default 1000) |
 * | `reset-before` | the connection is reset, nothing was applied |
 * | `apply-then-reset` | applied, then the connection is reset without an answer |
 * | `apply-then-502` | applied, then 502 |
 * | `delay` | `ms` later |
 * | `hang` | nothing is applied and never answered (the connection is cut after `ms`, default ten minutes) |
 * | `apply-then-hang` | applied, then never answered |
 * | `403`, `429` | secondary limit, with `retryAfter` (seconds) or `reset` (seconds from now) if given; `message` overrides the text |
 * | `401`, `404`, `405`, `409`, `422`, `500`, `502`, `503` | that status, nothing applied; `message` overrides the text |
 * | `stale-read` | a GET answers what was true `ms` ago (default 5000) |
 * | `mergeable-null` | a pull request's `mergeable` stays null |
 * | `duplicate-delivery` | delivered `count` times more (default 1), same GUID |
 * | `reorder-delivery` | delivered after the next `count` deliveries (default 1), or after `ms` (default 2000) |
 * | `drop-delivery` | never delivered, never listed |
 */
export const FAULTS = [
  "refuse",
  "reset-before",
  "apply-then-reset",
  "apply-then-502",
  "delay",
  "hang",
  "apply-then-hang",
  "401",
  "403",
  "404",
  "405",
  "409",
  "422",
  "429",
  "500",
  "502",
  "503",
  "stale-read",
  "mergeable-null",
  "duplicate-delivery",
  "reorder-delivery",
  "drop-delivery",
] as const;

export type FaultName = (typeof FAULTS)[number];

export type FaultRule = {
  fault: FaultName;
  /** Any if left out. */
  method?: string;
  /** GitHub's template (`/repos/{owner}/{repo}/pulls`), or a path in which `*` stands for anything. */
  route?: string;
  /** A piece of the request's body. */
  body?: string;
  /** Deliveries: the event's name, with or without its action (`pull_request`, `pull_request.opened`). */
  event?: string;
  nth?: number;
  times?: number | "always";
  ms?: number;
  count?: number;
  retryAfter?: number;
  reset?: number;
  message?: string;
};

/** `held`: requests that hang now by this rule, or did until their client went away. */
type Live = FaultRule & { seen: number; applied: number; held: number };

const DELIVERY_FAULTS = new Set<string>([
  "duplicate-delivery",
  "reorder-delivery",
  "drop-delivery",
]);

export class FaultPlan {
  #rules: Live[] = [];

  /** Replaces the plan; throws, naming every rule that makes no sense. */
  set(rules: FaultRule[]): void {
    const wrong = rules.flatMap((rule, index) =>
      FAULTS.includes(rule.fault) ? [] : [`rule ${index}: unknown fault "${rule.fault}"`],
    );
    if (wrong.length > 0) {
      throw new Error(`${wrong.join("; ")}; the faults are ${FAULTS.join(", ")}`);
    }
    this.#rules = rules.map((rule) => ({ ...rule, seen: 0, applied: 0, held: 0 }));
  }

  add(rule: FaultRule): void {
    this.#rules.push({ ...rule, seen: 0, applied: 0, held: 0 });
  }

  list(): Live[] {
    return this.#rules.map((rule) => ({ ...rule }));
  }

  /** The rules that take effect on this request, each counted. */
  forRequest(
    method: string,
    path: string,
    template: string | undefined,
    body: Buffer = Buffer.alloc(0),
  ): Live[] {
    return this.#take((rule) => {
      if (DELIVERY_FAULTS.has(rule.fault) || rule.fault === "mergeable-null") return false;
      if (rule.fault === "stale-read" && method !== "GET") return false;
      if (rule.body !== undefined && !body.includes(rule.body)) return false;
      return fits(rule, method, path, template);
    });
  }

  forDelivery(event: string, action: string | null): FaultRule[] {
    return this.#take((rule) => {
      if (!DELIVERY_FAULTS.has(rule.fault)) return false;
      return (
        rule.event === undefined || rule.event === event || rule.event === `${event}.${action}`
      );
    });
  }

  /** True when `mergeable` is to stay unknown once more. */
  mergeableNull(path: string): boolean {
    const template = "/repos/{owner}/{repo}/pulls/{pull_number}";
    const taken = this.#take(
      (rule) => rule.fault === "mergeable-null" && fits(rule, "GET", path, template),
    );
    return taken.length > 0;
  }

  #take(test: (rule: Live) => boolean): Live[] {
    return this.#rules.filter((rule) => {
      if (!test(rule)) return false;
      rule.seen += 1;
      const times = rule.times ?? 1;
      if (rule.seen < (rule.nth ?? 1)) return false;
      if (times !== "always" && rule.applied >= times) return false;
      rule.applied += 1;
      return true;
    });
  }
}

function fits(
  rule: FaultRule,
  method: string,
  path: string,
  template: string | undefined,
): boolean {
  if (rule.method !== undefined && rule.method.toUpperCase() !== method) return false;
  if (rule.route === undefined || rule.route === template) return true;
  const pattern = rule.route.split("*").map(escapePattern).join(".*");
  return new RegExp(`^${pattern}$`, "iu").test(path);
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/gu, "\\$&");
}
