import type { GitHubSettings } from "#adapters/github/connect-github.ts";
import { connectGitHub } from "#adapters/github/connect-github.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

import type { RepositorySeed } from "../../simulators/github/seed.ts";
import { type GitHubSimulator, startGitHubSimulator } from "../../simulators/github/server.ts";
import { settingsFor } from "./a-github.ts";

export type Simulated = {
  readonly github: GitHubSimulator;
  readonly repo: GitopsRepo;
  readonly host: ReturnType<typeof connectGitHub>;
  /** A connection that remembers nothing of the first one. */
  readonly again: () => ReturnType<typeof connectGitHub>;
  /** Ends it, and throws when a request or an answer did not fit GitHub's own description. */
  readonly close: () => Promise<void>;
  /** Methods and routes since the last time this was asked. */
  readonly asked: () => readonly string[];
};

export const files: Readonly<Record<string, string>> = {
  "README.md": "# platform\n",
  "gitops/tenants/a/dev.yaml": "image:\n  tag: v1\n",
  "gitops/tenants/b/dev.yaml": "image:\r\n  tag: v1 # é\r\n",
};

/** `acme/platform` on a simulated GitHub, and the adapter in front of it. */
export async function aSimulatedGitHub(
  changes: {
    seed?: Partial<RepositorySeed>;
    /** Repositories of the same installation beside it. */
    others?: readonly RepositorySeed[];
  } & Partial<Pick<GitHubSettings, "facts" | "clock" | "deadlines">> = {},
): Promise<Simulated> {
  const { seed, others = [], ...settings } = changes;
  const github = await startGitHubSimulator({
    seed: {
      owner: "acme",
      owners: ["olivia"],
      users: [{ login: "rita" }],
      teams: [{ slug: "sre", members: ["rita"] }],
      repositories: [
        { name: "platform", files: { ...files }, collaborators: { rita: "maintain" }, ...seed },
        ...others,
      ],
    },
  });
  const connect = (): ReturnType<typeof connectGitHub> =>
    connectGitHub({
      ...settingsFor(github.url),
      appId: github.appId,
      privateKey: github.privateKey,
      ...settings,
    });
  const host = connect();
  let seen = 0;
  return {
    github,
    host,
    // With a job's signal, as a worker always has one.
    repo: host
      .installation(github.installationId, new AbortController().signal)
      .repository("acme/platform"),
    again: () => connect(),
    close: async () => {
      await github.idle();
      const violations = github.violations().filter((each) => !isKnown(each));
      await github.close();
      if (violations.length > 0) throw new Error(JSON.stringify(violations, null, 1));
    },
    asked: () => {
      const entries = github
        .requests(seen)
        .filter(({ route }) => !route?.endsWith("access_tokens"));
      seen = github.requests().length;
      return entries.map(({ method, route }) => `${method} ${route}`);
    },
  };
}

/** The description asks an installation's account to be a user and an enterprise at once (`allOf`). */
function isKnown({ where, problems }: ReturnType<GitHubSimulator["violations"]>[number]): boolean {
  const ofAccount = problems.every(({ path }) => /^\/\d+\/account\//u.test(path));
  return where === "GET /app/installations" && ofAccount;
}
