import { platform } from "./seed.ts";
import type { Stage } from "./stage.ts";

export type Pull = {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  readonly draft: boolean;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
  readonly head: { readonly ref: string; readonly sha: string };
  readonly user: { readonly login: string };
  readonly labels: readonly { readonly name: string }[];
};
export type CheckRun = {
  readonly id: number;
  readonly name: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: string | null;
  readonly completed_at: string | null;
  readonly head_sha: string;
  readonly external_id: string;
  readonly app: { readonly slug: string };
  readonly output: {
    readonly title: string;
    readonly summary: string;
    readonly text: string | null;
    readonly annotations_count: number;
  };
};
export type Issue = {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  readonly user: { readonly login: string };
  readonly pull_request?: object;
};
export type Comment = {
  readonly id: number;
  readonly body: string;
  readonly user: { readonly login: string };
};
type Commit = {
  readonly sha: string;
  readonly commit: { readonly message: string };
  readonly author: { readonly login: string } | null;
  readonly parents: readonly { readonly sha: string }[];
};

/** What people do on GitHub, and what they see there. */
export function people(stage: Stage) {
  const { githubControl: control } = stage;
  const api = <T>(path: string) => stage.api<T>(path);
  const at = { repository: platform };
  return {
    comment: (user: string, number: number, body: string) =>
      control.post<{ id: number }>("comment", { ...at, number, user, body }),
    editComment: (user: string, comment: number, body: string) =>
      control.post("edit-comment", { ...at, comment, user, body }),
    merge: (user: string, number: number) =>
      control.post<{ sha: string }>("merge", { ...at, number, user }),
    close: (user: string, number: number) => control.post("close", { ...at, number, user }),
    review: (user: string, number: number, state: string) =>
      control.post("review", { ...at, number, user, state }),
    revert: (user: string, number: number, pullRequest = false) =>
      control.post<{ sha: string; number?: number }>("revert", {
        ...at,
        number,
        user,
        pullRequest,
      }),
    push: (
      user: string,
      files: Record<string, string | null>,
      options: { branch?: string; message?: string; repository?: string } = {},
    ) => control.post<{ sha: string }>("push", { ...at, user, files, ...options }),
    openPull: (user: string, head: string, title: string) =>
      control.post<{ number: number; sha: string }>("pull-request", { ...at, user, head, title }),
    /** Presses a button below a check run. */
    press: (user: string, checkRun: number, action: string) =>
      control.post("requested-action", { ...at, checkRun, user, action }),
    openIssue: (user: string, title: string, body: string) =>
      control.post<{ number: number }>("open-issue", { ...at, user, title, body }),
    editIssue: (user: string, number: number, body: string) =>
      control.post("edit-issue", { ...at, number, user, body }),
    /** Plain issues, oldest first. */
    issues: async () =>
      (await api<readonly Issue[]>(`/repos/${platform}/issues?state=all&per_page=100`))
        .filter(({ pull_request: pull }) => pull === undefined)
        .toSorted((one, other) => one.number - other.number),
    rerequest: (user: string, checkRun: number) =>
      control.post("rerequest", { ...at, checkRun, user }),

    pulls: () => api<readonly Pull[]>(`/repos/${platform}/pulls?state=all&per_page=100`),
    pull: (number: number) => api<Pull>(`/repos/${platform}/pulls/${number}`),
    /** Newest first. */
    checks: async (repository: string, sha: string, name?: string) => {
      const path = `/repos/${repository}/commits/${sha}/check-runs?per_page=100&filter=all`;
      const { check_runs: runs } = await api<{ check_runs: readonly CheckRun[] }>(path);
      return runs
        .filter((run) => name === undefined || run.name === name)
        .toSorted((one, other) => other.id - one.id);
    },
    annotations: (checkRun: number) =>
      api<readonly { path: string; start_line: number; message: string }[]>(
        `/repos/${platform}/check-runs/${checkRun}/annotations`,
      ),
    comments: (number: number) =>
      api<readonly Comment[]>(`/repos/${platform}/issues/${number}/comments?per_page=100`),
    reactions: async (comment: number) => {
      const path = `/repos/${platform}/issues/comments/${comment}/reactions`;
      const found = await api<readonly { content: string }[]>(path);
      return found.map(({ content }) => content);
    },
    head: async (branch = "main") =>
      (await api<{ object: { sha: string } }>(`/repos/${platform}/git/ref/heads/${branch}`)).object
        .sha,
    commit: (sha: string) => api<Commit>(`/repos/${platform}/commits/${sha}`),
    branches: async () =>
      (await api<readonly { name: string }[]>(`/repos/${platform}/branches?per_page=100`)).map(
        ({ name }) => name,
      ),
    file: async (path: string, ref = "main") => {
      const found = await api<{ content: string }>(
        `/repos/${platform}/contents/${path}?ref=${encodeURIComponent(ref)}`,
      );
      return Buffer.from(found.content, "base64").toString("utf8");
    },
  };
}
