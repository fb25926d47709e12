import type { Artifact } from "./artifact.ts";
import type { Stay } from "./stay.ts";
import type { ValuesRefusal } from "./values.ts";

/** One service in one ring of one environment: at most one open promotion. */
export type Stream = {
  readonly environment: string;
  readonly service: string;
  /** `all` where the environment has no rings. */
  readonly ring: string;
};

/** `prod/demo-api/canary`: the key of a stream in job ids, facts and branch names. */
export function streamKey(stream: Stream): string {
  return `${stream.environment}/${stream.service}/${stream.ring}`;
}

/** `prod/canary`, or `prod` where the environment has no rings: how people read where something is. */
export function placeName({ environment, ring }: Stream): string {
  return ring === "all" ? environment : `${environment}/${ring}`;
}

/** One tenant's service in one environment: one place in a values file, one Argo CD application. */
export type Target = Stream & {
  readonly tenant: string;
  /** Path from the repository's root. */
  readonly file: string;
  /** Name of the Argo CD application. */
  readonly application: string;
};

/** A target and what Git says that it should run. */
export type TargetState = {
  readonly target: Target;
  readonly desired:
    | { readonly kind: "artifact"; readonly artifact: Artifact }
    | { readonly kind: "refused"; readonly refusal: ValuesRefusal };
  /** Pinned or excluded: Sluice leaves it where it is, and nothing waits for it. */
  readonly stays?: Stay;
};

/** Does it move with its ring? */
export function moves({ stays }: TargetState): boolean {
  return stays === undefined;
}
