/** Links to nodes beyond one machine: TLS below the opening, with everything else as it is. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { VaxlogClient } from "../../../src/library/client.ts";
import { fetchCopy } from "../../../src/net/client/backup.ts";
import { NodeSession } from "../../../src/net/client/node_session.ts";
import { ConnectError } from "../../../src/net/client/session.ts";
import { fetchAnswers } from "../../../src/net/client/status.ts";
import { watchEntries } from "../../../src/net/client/watch.ts";
import { openLink } from "../../../src/net/opening.ts";
import { otherAuthority, testAuthority, testPair } from "../../http/test_certs.ts";
import { tokenAt } from "../admitted.ts";
import { within } from "../within.ts";
import { testNodes } from "./node_stage.ts";

const reach = { tokenAt, authorities: [testAuthority] };

testNodes("sessions, entries, copies and statuses come by TLS", { nodes: 2, tls: testPair }, async ({ nodes }) => {
  const addresses = nodes.map(({ address }) => address);
  const session = await NodeSession.connect(addresses, reach);
  const client = new VaxlogClient(session);
  await client.add("Clinic A", "02138");
  assertEquals((await client.view("Clinic A")).kind, "site");
  const [entries] = await Array.fromAsync(
    (async function* () {
      for await (const entries of session.entries(0)) {
        yield entries;
        return;
      }
    })(),
  );
  assert(entries.last >= 1);
  const { cluster } = session;
  const own = watchEntries({ ...reach, cluster, after: 0, addresses: () => addresses });
  assertEquals((await own.next()).value?.last, entries.last);
  await own.return();
  const statuses = await fetchAnswers(addresses, reach);
  assertEquals(statuses.map((it) => "node" in it && it.node.cluster), [cluster, cluster]);
  let bytes = 0;
  const target = {
    begin: () => {},
    write: (_: number, piece: Uint8Array) => void (bytes += piece.length),
    end: () => undefined,
  };
  await fetchCopy({ ...reach, cluster, atLeast: 1, addresses: () => addresses }, target);
  assert(bytes > 0);
  // The session continues at the other node.
  nodes[0].server.close();
  await client.set("Clinic A", 5);
  await session.close();
});

testNodes(
  "whoever is not believed, or speaks without TLS, is told what to do",
  { tls: testPair },
  async ({ nodes }) => {
    const [{ address, port, server }] = nodes;
    const connect = (authorities?: readonly string[]) =>
      assertRejects(() => NodeSession.connect([address], { tokenAt, authorities, viewWaitMs: 3_000 }), ConnectError);
    const unbelieved = await connect([otherAuthority]);
    assertStringIncludes(unbelieved.message, "does not prove itself by TLS (invalid peer certificate: ");
    assertStringIncludes(unbelieved.message, "name the authority of its certificate with --tls-ca");
    assertStringIncludes((await connect()).message, "--tls-ca");
    // Somebody who sends anything else is a stranger, and harms nobody.
    const garbage = await Deno.connect({ hostname: "127.0.0.1", port });
    await garbage.write(new Uint8Array(2_000).fill(7));
    const silent = await Deno.connect({ hostname: "127.0.0.1", port });
    const session = await NodeSession.connect([address], reach);
    await new VaxlogClient(session).add("Clinic B", "02138");
    await session.close();
    assertEquals(server.sessions, 0);
    garbage.close();
    silent.close();
  },
);

testNodes("a link that is given up before TLS has begun is closed", { tls: testPair }, async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = silent.accept();
  const aborting = new AbortController();
  const address = `127.0.0.1:${silent.addr.port}`;
  const opening = { purpose: "status", shown: tokenAt, authorities: [testAuthority] } as const;
  const opened = openLink(address, opening, aborting.signal);
  const connection = await accepted;
  aborting.abort(new Error("given up"));
  await within("an end", assertRejects(() => opened, Error, "given up"));
  connection.close();
  silent.close();
});
