/** Milliseconds of real life for each step; `speed` divides all of them. */
export type Timings = {
  informerLag: number;
  /** The second API server replica's copy, used by the fault `replicas: 2`. */
  replicaLag: number;
  refreshQueueWait: number;
  compare: number;
  operationPickUp: number;
  apply: number;
  betweenWaves: number;
  afterOperation: number;
  observeGeneration: number;
  podReady: number;
  pullError: number;
  progressDeadline: number;
  timerRefresh: number;
  timerJitter: number;
  revisionCache: number;
  repoErrorGrace: number;
  keepAlive: number;
  generatorPoll: number;
  retryBase: number;
  windowRecheck: number;
  manifestErrorPause: number;
  notificationResync: number;
  notificationRetryMin: number;
  notificationRetryMax: number;
};

export const DEFAULT_TIMINGS: Timings = {
  informerLag: 20,
  replicaLag: 2_000,
  refreshQueueWait: 50,
  compare: 150,
  operationPickUp: 50,
  apply: 200,
  betweenWaves: 2_000,
  afterOperation: 60,
  observeGeneration: 30,
  podReady: 1_500,
  pullError: 500,
  progressDeadline: 600_000,
  timerRefresh: 120_000,
  timerJitter: 60_000,
  revisionCache: 180_000,
  repoErrorGrace: 180_000,
  keepAlive: 15_000,
  generatorPoll: 180_000,
  retryBase: 5_000,
  windowRecheck: 1_000,
  manifestErrorPause: 3_600_000,
  notificationResync: 60_000,
  notificationRetryMin: 1_000,
  notificationRetryMax: 5_000,
};
