/** One API request as `GET /_sim/requests` lists it. */
export type LoggedRequest = {
  /** Counts from 1; `?since=` gives those after it. */
  number: number;
  /** ISO 8601 with milliseconds: when it arrived. */
  time: string;
  method: string;
  path: string;
  /** GitHub's template, `/repos/{owner}/{repo}/pulls`; null where none fits. */
  route: string | null;
  /** 0 where the connection was cut without an answer. */
  status: number;
  /** Of the secondary limit; 0 where the request was refused before it was counted. */
  points: number;
  contentCreating: boolean;
  /** Of the answer. */
  bytes: number;
  requestBytes: number;
  milliseconds: number;
  userAgent: string;
  /** `installation:<id>`, `app:<id>`, `user:<id>` or `address:<ip>`. */
  caller: string;
  fault: string | null;
  /** GraphQL: the root fields. */
  operation: string | null;
};
