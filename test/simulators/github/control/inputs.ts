import type { MergeMethod } from "../state/merge-rules.ts";
import type { CheckConclusion, CheckStatus } from "../state/records.ts";

export type InRepository = { repository: string };
export type OnPull = InRepository & { number: number; user: string };

export type PublishInput = InRepository & {
  image: string;
  tag: string;
  revision: string;
  /** Default: linux/amd64 and linux/arm64, hence three events. */
  platforms?: string[];
  digest?: string;
  user?: string;
};
export type AttestInput = InRepository & { digest: string; bundle: object; user?: string };
export type WorkflowRunInput = InRepository & {
  workflow: string;
  headSha: string;
  conclusion: CheckConclusion;
  branch?: string;
  event?: string;
  user?: string;
};
export type CommentInput = OnPull & { body: string };
export type ReviewInput = OnPull & {
  /** `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, or as the API's event: `APPROVE`, … */
  state: string;
  body?: string;
};
export type MergeInput = OnPull & { method?: MergeMethod };
export type RevertInput = InRepository & {
  sha?: string;
  number?: number;
  user: string;
  /** By a pull request instead of straight onto the default branch. */
  pullRequest?: boolean;
};
export type PushInput = InRepository & {
  branch?: string;
  user: string;
  files: Record<string, string | null>;
  message?: string;
  /** Goes past branch protection. */
  force?: boolean;
};
export type CheckRunInput = InRepository & {
  sha: string;
  name: string;
  status?: CheckStatus;
  conclusion?: CheckConclusion;
};
export type PullRequestInput = InRepository & {
  user: string;
  head: string;
  base?: string;
  title: string;
  body?: string;
};
export type ClickInput = InRepository & { checkRun: number; user: string; action?: string };
