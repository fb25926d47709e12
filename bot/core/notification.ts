import type { Artifact } from "./artifact.ts";
import type { Stream } from "./target.ts";

/** What people can ask to be told of, in the policy's own words. */
export const notificationKinds = [
  "on-promoted",
  "on-blocked",
  "on-sync-failed",
  "on-degraded",
  "on-rolled-back",
  "on-frozen",
  "on-budget",
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** One thing that has happened and that people may have asked to be told of: once each, however often it is seen. */
export type Notification = {
  /** The same thing has the same, after a restart as well: 16 characters. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly environment: string;
  /** Null: the whole environment. */
  readonly stream: Stream | null;
  readonly artifact: Artifact | null;
  /** Id of the promotion that it is about: all of one promotion stands in one message. */
  readonly promotion: string | null;
  /** Number of its pull request, where that is known. */
  readonly pull: number | null;
  /** Plain text. */
  readonly sentence: string;
  /** When it became so; null where only that it is so now is known. */
  readonly at: Date | null;
};

/** One entry of the policy's `notifications`. */
export type NotificationPolicy = {
  readonly on: readonly NotificationKind[];
  /** Null: every environment. */
  readonly environments: readonly string[] | null;
  readonly slack: { readonly channel: string } | null;
  /** Name of an endpoint in the settings. */
  readonly webhook: string | null;
};

/** Where one notification goes. */
export type NotificationTarget =
  | { readonly kind: "slack"; readonly channel: string }
  | { readonly kind: "webhook"; readonly name: string };

/** Every place that the policy wants this told to, each once. */
export function targetsFor(
  policies: readonly NotificationPolicy[],
  { kind, environment }: Pick<Notification, "kind" | "environment">,
): readonly NotificationTarget[] {
  const wanted = policies.filter(
    ({ on, environments }) =>
      on.includes(kind) && (environments === null || environments.includes(environment)),
  );
  const channels = new Set(wanted.flatMap(({ slack }) => slack?.channel ?? []));
  const endpoints = new Set(wanted.flatMap(({ webhook }) => webhook ?? []));
  return [
    ...[...channels].map((channel) => ({ kind: "slack", channel }) as const),
    ...[...endpoints].map((name) => ({ kind: "webhook", name }) as const),
  ];
}
