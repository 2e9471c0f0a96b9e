/**
 * The OpenAPI document, made from the declarations of the routes.
 *
 * @module
 */

import { problem, type ProblemType, problemTypes } from "./problems.ts";
import type { Route, RouteHeaders } from "./route.ts";
import { namedSchemas, type Schema } from "./shapes.ts";

/** The problems of any request. */
const anywhere: readonly ProblemType[] = [
  "invalid",
  "no-token",
  "forbidden",
  "url-too-long",
  "wrong-host",
  "too-many",
  "busy",
  "internal",
];

/** The problems of any request that has a body. */
const withBody: readonly ProblemType[] = ["slow", "too-large", "media-type"];

/** The problems of any request that sends the cluster a command. */
const ofCluster: readonly ProblemType[] = ["not-executed", "other-version", "unhealthy", "unknown"];

const ifNoneMatch = { "If-None-Match": "The ETag that the client has" };
const idempotencyKey = { "Idempotency-Key": "The same key and request again: the same response" };

/** The document. */
export function openApi(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    for (const method of route.methods) {
      (paths[route.path] ??= {})[method.toLowerCase()] = operationOf(route, method);
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Vaxlog",
      version: "1",
      description: "A replicated database for logging which vaccination sites have vaccine available. A status from " +
        "200 to 299 means that the command is done, and stays done as long as one replica lives. A status of 504 " +
        "means that the outcome is unknown, never that the command failed. Every path under /api is also under " +
        "/api/v1, which keeps its meaning when a later version of the API comes.",
    },
    paths,
    components: {
      schemas: namedSchemas,
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "A token that somebody was given, or that of the link which the gateway prints at its start. " +
            "An operation names the role that the token needs: `read`, `report`, which may also change data, or " +
            "`operate`, which may do everything. A gateway with --public-read needs no token where the role is `read`.",
        },
      },
    },
  };
}

function operationOf(route: Route, method: string): object {
  const { id, summary, description, body, rawBody, isBodyOptional, role } = route;
  const parameters = parametersOf(route);
  const content = body === undefined ? rawBody : { "application/json": body };
  return {
    operationId: route.methods.length === 1 ? id : `${id}By${method}`,
    summary,
    description,
    parameters: parameters.length === 0 ? undefined : parameters,
    requestBody: content && {
      required: !isBodyOptional,
      content: Object.fromEntries(Object.entries(content).map(([type, { schema }]) => [type, { schema }])),
    },
    security: role && [{ token: [role] }],
    responses: responsesOf(route, content !== undefined),
  };
}

function parametersOf({ path, takesKey, query = {}, headers = {}, isTagged }: Route): object[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameterOf("path", name, true));
  const inQuery = Object.entries(query).map(([name, { schema, isOptional }]) =>
    parameterOf("query", name, !isOptional, schema)
  );
  const own: RouteHeaders = isTagged ? ifNoneMatch : takesKey ? idempotencyKey : {};
  const inHeader = Object.entries({ ...headers, ...own }).map(([name, description]) =>
    parameterOf("header", name, false, { type: "string", description })
  );
  return [...inPath, ...inQuery, ...inHeader];
}

function parameterOf(place: string, name: string, required: boolean, described: Schema = { type: "string" }): object {
  const { description, ...schema } = described;
  return { name, in: place, required, description, schema };
}

function responsesOf({ takesKey, responses, problems = [], isLocal, isTagged }: Route, hasBody: boolean): object {
  const all: Record<string, object> = {};
  for (const [status, { description, mediaType = "application/json", body }] of Object.entries(responses)) {
    all[status] = { description, content: { [mediaType]: { schema: body?.schema } } };
    if (isTagged) all[304] = { description: "Unchanged", content: { [mediaType]: {} } };
  }
  const possible: readonly ProblemType[] = [
    ...anywhere,
    ...(hasBody ? withBody : []),
    ...(takesKey ? ["key-reused"] as const : []),
    ...(isLocal ? [] : ofCluster),
    ...problems,
    // Where a name may be that of no site, it may be the beginning of several.
    ...(problems.includes("unknown-site") ? ["ambiguous"] as const : []),
  ];
  const content = { "application/problem+json": { schema: problem.schema } };
  for (const [status, types] of Map.groupBy(new Set(possible), (type) => problemTypes[type].status)) {
    all[status] = { description: types.map((type) => `\`${type}\`: ${problemTypes[type].title}`).join("; "), content };
  }
  return all;
}
