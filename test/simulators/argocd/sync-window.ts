import { z } from "zod";

const globs = z.array(z.string()).default([]);

/** A project's sync window; active between `from` and `to` (either may be left open). */
export const SyncWindow = z.strictObject({
  kind: z.enum(["allow", "deny"]),
  schedule: z.string().default("* * * * *"),
  duration: z.string().default("1h"),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  projects: z.array(z.string()).default(["*"]),
  applications: globs,
  namespaces: globs,
  clusters: globs,
  manualSync: z.boolean().default(false),
});

export type SyncWindow = z.infer<typeof SyncWindow>;

type Subject = {
  metadata: { name: string };
  spec: { project: string; destination: { namespace?: string; server?: string } };
};

export function globToRegExp(glob: string): RegExp {
  const body = glob.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", ".*");
  return new RegExp(`^${body.replaceAll("?", ".")}$`);
}

export function windowsFor(windows: SyncWindow[], app: Subject): SyncWindow[] {
  const hit = (list: string[], value: string) =>
    list.some((glob) => globToRegExp(glob).test(value));
  return windows.filter(
    (window) =>
      hit(window.projects, app.spec.project) &&
      (hit(window.applications, app.metadata.name) ||
        hit(window.namespaces, app.spec.destination.namespace ?? "") ||
        hit(window.clusters, app.spec.destination.server ?? "")),
  );
}

export function isActive(window: SyncWindow, now: number): boolean {
  const from = window.from === undefined ? -Infinity : Date.parse(window.from);
  const to = window.to === undefined ? Infinity : Date.parse(window.to);
  return from <= now && now < to;
}

/** types.go, SyncWindows.CanSync: a deny wins, then an active allow, then "no allow window at all". */
export function canSync(assigned: SyncWindow[], now: number, manual: boolean): boolean {
  const active = assigned.filter((window) => isActive(window, now));
  const denies = active.filter((window) => window.kind === "deny");
  if (denies.length > 0) return manual && denies.every((window) => window.manualSync);
  if (active.some((window) => window.kind === "allow")) return true;
  const allows = assigned.filter((window) => window.kind === "allow");
  return allows.length === 0 || (manual && allows.every((window) => window.manualSync));
}
