/**
 * The OpenAPI document, made from the declarations of the routes.
 *
 * @module
 */

import { problem, type ProblemType, problemTypes } from "./problems.ts";
import type { Route } from "./route.ts";
import { namedSchemas } from "./shapes.ts";

/** The problems of any request. */
const anywhere: readonly ProblemType[] = ["invalid", "forbidden", "url-too-long", "wrong-host", "busy", "internal"];

/** The problems of any request that has a body. */
const withBody: readonly ProblemType[] = ["slow", "too-large", "media-type"];

/** The problems of any request that sends the cluster a command. */
const ofCluster: readonly ProblemType[] = ["not-executed", "other-version", "unhealthy", "unknown"];

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
        "means that the outcome is unknown, never that the command failed.",
    },
    paths,
    components: {
      schemas: namedSchemas,
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "The launcher prints the token when it starts" },
      },
    },
  };
}

function operationOf(route: Route, method: string): object {
  const { id, summary, description, body, rawBody, isBodyOptional, needsToken } = route.declaration;
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
    security: needsToken && [{ token: [] }],
    responses: responsesOf(route, content !== undefined),
  };
}

function parametersOf({ path, takesKey, declaration: { query = {}, headers = {} } }: Route): object[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => (
    { name, in: "path", required: true, schema: { type: "string" } }
  ));
  const inQuery = Object.entries(query).map(([name, { schema: { description, ...schema }, isOptional }]) => (
    { name, in: "query", required: !isOptional, description, schema }
  ));
  const key = takesKey ? { "Idempotency-Key": "The same key and request again: the same response" } : {};
  // Authorization has its own place in the document.
  const { Authorization: _, ...others } = headers;
  const inHeader = Object.entries({ ...others, ...key }).map(([name, description]) => (
    { name, in: "header", required: false, description, schema: { type: "string" } }
  ));
  return [...inPath, ...inQuery, ...inHeader];
}

function responsesOf({ takesKey, declaration }: Route, hasBody: boolean): object {
  const { responses, problems = [], isLocal = false } = declaration;
  const all: Record<string, object> = {};
  for (const [status, { description, mediaType = "application/json", body }] of Object.entries(responses)) {
    all[status] = { description, content: { [mediaType]: { schema: body?.schema } } };
  }
  const possible: readonly ProblemType[] = [
    ...anywhere,
    ...(hasBody ? withBody : []),
    ...(takesKey ? ["key-reused"] as const : []),
    ...(isLocal ? [] : ofCluster),
    ...problems,
  ];
  const content = { "application/problem+json": { schema: problem.schema } };
  for (const [status, types] of Map.groupBy(new Set(possible), (type) => problemTypes[type].status)) {
    all[status] = { description: types.map((type) => `\`${type}\`: ${problemTypes[type].title}`).join("; "), content };
  }
  return all;
}
