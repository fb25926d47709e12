import { execute, Kind, parse, validate } from "graphql";
import type { DocumentNode, GraphQLError } from "graphql";

import { ApiError, ok } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { Context, Route } from "../http/context.ts";
import { mutations } from "./mutations.ts";
import { queries } from "./queries.ts";
import { githubSchema } from "./schema.ts";

type Body = { query?: unknown; variables?: Record<string, unknown> | null; operationName?: string };

/** GraphQL answers 200 also where it refuses; what went wrong stands in `errors`. */
async function handleGraphql(context: Context): Promise<Answer> {
  const { identity, request, simulation } = context;
  if (identity.kind === "anonymous") {
    throw new ApiError(401, "This endpoint requires you to be authenticated.");
  }
  if (identity.kind === "app") throw new ApiError(401, "Bad credentials");
  const body = request.body as Body;
  if (typeof body.query !== "string") {
    return ok({
      errors: [{ message: "A query attribute must be specified and must be a string." }],
    });
  }
  let document: DocumentNode;
  try {
    document = parse(body.query);
  } catch (error) {
    return ok({ errors: [render(error as GraphQLError)] });
  }
  const schema = await githubSchema();
  const invalid = validate(schema, document);
  if (invalid.length > 0) {
    simulation.openapi.violations.push({
      kind: "request",
      where: "POST /graphql",
      status: 200,
      problems: invalid.map(({ message }) => ({
        path: "query",
        keyword: "graphql",
        message,
        value: body.query,
      })),
    });
    return ok({ errors: invalid.map(render) });
  }
  const missing = rootFields(document).filter(
    ({ operation, name }) =>
      !name.startsWith("__") &&
      (operation === "mutation" ? mutations : queries)[name] === undefined,
  );
  if (missing.length > 0) return refuseUnsimulated(context, missing);
  const result = await execute({
    schema,
    document,
    rootValue: { ...queries, ...mutations },
    contextValue: context,
    variableValues: body.variables ?? {},
    operationName: body.operationName ?? null,
  });
  const errors = result.errors?.map(render);
  return ok(errors === undefined ? { data: result.data } : { data: result.data, errors });
}

function refuseUnsimulated(
  { simulation }: Context,
  missing: { operation: string; name: string }[],
): Answer {
  const names = missing.map(({ operation, name }) => `${operation} ${name}`).join(", ");
  simulation.openapi.reportUnknownRoute("POST", `/graphql ${names}`);
  const message = `The simulator does not have ${names}; add an entry to graphql/mutations.ts or graphql/queries.ts.`;
  return ok({ errors: [{ type: "NOT_SIMULATED", message }] });
}

function rootFields(document: DocumentNode): { operation: string; name: string }[] {
  return document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.flatMap((selection) =>
          selection.kind === Kind.FIELD
            ? [{ operation: definition.operation, name: selection.name.value }]
            : [],
        )
      : [],
  );
}

/** GitHub puts the kind of an error in `type`, beside the message. */
function render(error: GraphQLError): Record<string, unknown> {
  const type = error.extensions["type"] ?? error.originalError?.name;
  return {
    ...(typeof type === "string" && type !== "Error" ? { type } : {}),
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(error.locations === undefined ? {} : { locations: error.locations }),
    message: error.message,
  };
}

export const graphqlRoutes: Route[] = [
  { method: "POST", path: "/graphql", scope: "any", handle: handleGraphql },
];
