import { buildSchema } from "graphql";
import type { GraphQLSchema } from "graphql";

let built: GraphQLSchema | undefined;

/** GitHub's public GraphQL schema; loaded and built once, when first needed. */
export async function githubSchema(): Promise<GraphQLSchema> {
  if (built === undefined) {
    const { schema } = await import("@octokit/graphql-schema");
    built = buildSchema(schema.idl, { assumeValid: true, assumeValidSDL: true });
  }
  return built;
}
