import { GraphQLError } from "graphql";

/** An error of one field, with GitHub's `type` beside the message. */
export function fieldError(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}
