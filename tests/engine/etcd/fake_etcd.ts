/**
 * A member of etcd that says what a test wants.
 *
 * @module
 */

/** What it does with a request: gives JSON, or a response as it is. */
export type Answer = (path: string, body: Record<string, unknown>, request: Request) => unknown;

/** Starts members, one for each answer, and ends them after `run`. */
export async function withMembers(answers: readonly Answer[], run: (endpoints: string[]) => Promise<void>) {
  const ended = new AbortController();
  const servers = answers.map((answer) =>
    Deno.serve({ hostname: "127.0.0.1", port: 0, signal: ended.signal, onListen: () => {} }, async (request) => {
      const said = await answer(new URL(request.url).pathname, await request.json(), request);
      return said instanceof Response ? said : Response.json(said);
    })
  );
  try {
    await run(servers.map(({ addr }) => `http://127.0.0.1:${(addr as Deno.NetAddr).port}`));
  } finally {
    ended.abort();
    await Promise.all(servers.map(({ finished }) => finished));
  }
}

/** An error as the JSON gateway gives it. */
export function errorOf(message: string, code: number, status = 500): Response {
  return Response.json({ error: message, message, code }, { status });
}
