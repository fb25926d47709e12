import type { Policy } from "./policy.ts";
import type { Stream } from "./target.ts";

/** One service in an environment, in one of its rings or, where that is null, in whichever. */
export type Place = Omit<Stream, "ring"> & { readonly ring: string | null };

/** Where an artifact goes from a stream: into the ring after it, else into the environment after it; null at the end. */
export function nextPlace({ environments }: Policy, stream: Stream): Place | null {
  const index = environments.findIndex(({ name }) => name === stream.environment);
  const rings = (environments[index]?.rings ?? []).map(({ name }) => name);
  const own = rings.indexOf(stream.ring);
  const ring = own === -1 ? undefined : rings[own + 1];
  if (ring !== undefined) return { ...stream, ring };
  const next = index === -1 ? undefined : environments[index + 1];
  return next === undefined ? null : { ...stream, environment: next.name, ring: null };
}
