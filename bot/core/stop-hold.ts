import type { Hold } from "./plan-types.ts";
import type { Stop } from "./stop.ts";
import type { Stream } from "./target.ts";

/** The holds that people set on a stream: on its service, or on its whole environment. */
export function holdsOfPeople(
  stops: readonly Stop[],
  { environment, service }: Pick<Stream, "environment" | "service">,
): readonly Hold[] {
  return stops.flatMap((stop): Hold[] => {
    if (stop.kind !== "hold" || stop.environment !== environment) return [];
    if (stop.service !== null && stop.service !== service) return [];
    const what = stop.service === null ? environment : `${service} in ${environment}`;
    // A reason may end its sentence itself, and may quote anything: the plan's sentences are shown inert.
    const why = stop.reason === "" ? "" : `: ${stop.reason.replace(/[.!?]+$/u, "")}`;
    return [
      {
        reason: "person",
        sentence: `${stop.by} put ${what} on hold${why}.`,
        since: stop.at,
        artifact: null,
      },
    ];
  });
}
