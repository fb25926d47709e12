import type { FaultRule, SyncFault } from "./fault-rule.ts";

type Backend = {
  k8sDown: boolean;
  controllerDown: boolean;
  repoServerDown: boolean;
  gitDown: boolean;
  redisMiss: "error" | "hang" | false;
  replicas: 1 | 2;
  shardPaused: Set<string>;
};

/** The faults now in force. HTTP and stream rules are read where requests are answered. */
export type FaultBook = {
  rules: FaultRule[];
  backend: Backend;
  /** Requests that were left hanging since the plan was last replaced. */
  held: number;
  /** The first sync rule for the application; uses up one of its `times`. */
  takeSync(app: string): SyncFault | undefined;
  summaryEmpty(app: string): boolean;
  podsHidden(app: string): boolean;
};

export function createFaultBook(): FaultBook {
  const book: FaultBook = {
    rules: [],
    held: 0,
    backend: {
      k8sDown: false,
      controllerDown: false,
      repoServerDown: false,
      gitDown: false,
      redisMiss: false,
      replicas: 1,
      shardPaused: new Set(),
    },
    takeSync(app) {
      const rule = book.rules.find(
        (item): item is SyncFault =>
          item.kind === "sync" &&
          (item.times === undefined || item.times > 0) &&
          new RegExp(item.app ?? ".").test(app),
      );
      if (rule?.times !== undefined) rule.times -= 1;
      return rule;
    },
    summaryEmpty: (app) => hasWorkload("summaryEmpty", app) || hasWorkload("podsHidden", app),
    podsHidden: (app) => hasWorkload("podsHidden", app),
  };
  function hasWorkload(outcome: "summaryEmpty" | "podsHidden", app: string): boolean {
    return book.rules.some(
      (rule) =>
        rule.kind === "workload" &&
        rule.outcome === outcome &&
        new RegExp(rule.app ?? ".").test(app),
    );
  }
  return book;
}
