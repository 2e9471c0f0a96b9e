/**
 * The OpenAPI document, made of the routes: what it says is what they read.
 *
 * @module
 */

import type { Declarations, Schema } from "./declared.ts";
import { type ProblemType, problemTypes } from "./problems.ts";
import type { Route } from "./route.ts";
import { ref, schemas } from "./schemas.ts";

/** What may go wrong with any request. */
const anywhere: readonly ProblemType[] = ["invalid", "forbidden", "url-too-long", "wrong-host", "busy", "internal"];

/** What may go wrong with any request that has a body. */
const withBody: readonly ProblemType[] = ["slow", "too-large", "media-type"];

/** What may go wrong with any request to the cluster. */
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
      description: "A replicated database for logging which vaccination sites have vaccine available. Whatever is " +
        "answered with a status from 200 to 299 is done, and stays done as long as one replica lives. A status of 504 " +
        "says that an outcome is unknown, and never that it failed.",
    },
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "What the launcher prints when it starts" },
      },
    },
  };
}

function operationOf({ path, declaration, takesKey, methods }: Route, method: string): object {
  const { id, summary, description, query = {}, body, rawBody, isBodyOptional, headers = {}, needsToken } = declaration;
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
      name,
      in: "path",
      required: true,
      schema: { type: "string" },
    })),
    ...queryParameters(query),
    // Authorization has its own place in the document.
    ...Object.entries(headers).filter(([name]) => name !== "Authorization").map(headerParameter),
    ...(takesKey ? [headerParameter(["Idempotency-Key", "The same key and request again: the same answer"])] : []),
  ];
  const content = body === undefined ? rawBody : { "application/json": body.schema };
  return {
    operationId: methods.length === 1 ? id : `${id}By${method}`,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(content === undefined ? {} : {
      requestBody: {
        required: isBodyOptional !== true,
        content: Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }])),
      },
    }),
    ...(needsToken ? { security: [{ token: [] }] } : {}),
    responses: responsesOf(declaration, content !== undefined, takesKey),
  };
}

function headerParameter([name, description]: readonly [string, string]): object {
  return { name, in: "header", required: false, description, schema: { type: "string" } };
}

function queryParameters(query: Declarations): object[] {
  return Object.entries(query).map(([name, { schema: { description, ...schema }, isOptional }]) => ({
    name,
    in: "query",
    required: !isOptional,
    description,
    schema,
  }));
}

function responsesOf(
  { answers, problems = [], isLocal = false }: Route["declaration"],
  hasBody: boolean,
  takesKey: boolean,
): object {
  const responses: Record<string, object> = {};
  for (const [status, { description, mediaType = "application/json", schema }] of Object.entries(answers)) {
    responses[status] = { description, content: { [mediaType]: schema === undefined ? {} : { schema } } };
  }
  const types = new Map<number, string[]>();
  const possible = [
    ...anywhere,
    ...(hasBody ? withBody : []),
    ...(takesKey ? ["key-reused"] as const : []),
    ...(isLocal ? [] : ofCluster),
    ...problems,
  ];
  for (const type of possible) {
    const { status, title } = problemTypes[type];
    const said = types.get(status) ?? [];
    types.set(status, said);
    said.push(`\`${type}\`: ${title}`);
  }
  const content: Schema = { "application/problem+json": { schema: ref("Problem") } };
  for (const [status, said] of types) {
    responses[status] = { description: [...new Set(said)].join("; "), content };
  }
  return responses;
}
