import type { components } from "@octokit/openapi-types";

/** GitHub's response schemas, so that the compiler holds the renderers to them. */
export type Schemas = components["schemas"];
