import type { CheckConclusion, CheckRun } from "#ports/github-things.ts";

export type CheckBody = {
  readonly id: number | bigint;
  readonly name: string;
  readonly head_sha: string;
  readonly external_id: string | null;
  readonly status: string;
  readonly conclusion: string | null;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly output: {
    readonly title: string | null;
    readonly summary: string | null;
    readonly text: string | null;
    readonly annotations_count: number;
  };
  readonly app: { readonly id: number | bigint } | null;
};

export function toCheckRun(body: CheckBody, appId: number): CheckRun {
  return {
    id: Number(body.id),
    name: body.name,
    revision: body.head_sha,
    externalId: body.external_id ?? "",
    status: body.status as CheckRun["status"],
    conclusion: body.conclusion as CheckConclusion | null,
    startedAt: body.started_at === null ? null : new Date(body.started_at),
    completedAt: body.completed_at === null ? null : new Date(body.completed_at),
    title: body.output.title ?? "",
    summary: body.output.summary ?? "",
    text: body.output.text ?? "",
    ours: body.app !== null && Number(body.app.id) === appId,
  };
}
