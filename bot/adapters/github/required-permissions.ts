/** What the App may do, and why it must: nothing beyond. Issue and pull-request numbers share one API at GitHub. */
export const requiredPermissions = {
  metadata: { level: "read", reason: "every App has it: repositories, and people's roles on them" },
  contents: {
    level: "write",
    reason: "read policy and values files; write promotion branches; merge",
  },
  pull_requests: {
    level: "write",
    reason: "open, edit, label and merge promotions; comment and react on pull requests",
  },
  checks: {
    level: "write",
    reason: "report gates and rollouts; read the checks that a gate waits for",
  },
  statuses: { level: "read", reason: "read checks that a CI system reports as commit statuses" },
  deployments: { level: "write", reason: "show rollouts on GitHub's Environments page" },
  issues: {
    level: "write",
    reason:
      "keep the dashboard issue; be told of comments and ticks; see who closed a pull request",
  },
  actions: { level: "read", reason: "be told that a build ended; find successful builds again" },
  packages: { level: "read", reason: "be told that an image was published" },
  attestations: { level: "read", reason: "read where an image was built, for the gate image" },
  merge_queues: {
    level: "write",
    reason: "put promotions into a merge queue and take them out; be told of its groups",
  },
  members: { level: "read", reason: "see whether a person is in a team that may promote" },
} as const satisfies Readonly<
  Record<string, { readonly level: "read" | "write"; readonly reason: string }>
>;
