/**
 * The entry of the bare server: it parses the JSON of a request and responds with JSON, and does nothing else. It
 * prints its port, and exits when its standard input ends.
 *
 * @module
 */

const site = { name: "Harvard University", zip: "02138", availability: 0, observedAt: 1_790_000_000_000 };

const { addr } = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
  if (request.method === "GET") return Response.json({ ...site, hasDocument: false });
  const { value } = await request.json();
  return Response.json({ site: { ...site, availability: value }, entry: value, effect: "shown" }, { status: 201 });
});
console.log(addr.port);
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
