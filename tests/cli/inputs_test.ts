import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Input, InputError, isUrl, openInput } from "../../src/cli/inputs.ts";
import { testNeeding } from "../net/needing.ts";
import { deadAddress } from "../net/notices.ts";
import { inFolder } from "../storage/folder.ts";

const never = new AbortController().signal;

function textOf({ bytes }: Input): Promise<string> {
  return new Response(ReadableStream.from(bytes)).text();
}

/** Runs `work` with a server that answers so; resolves when both have ended. */
async function serving(answer: (request: Request) => Response, work: (url: URL) => Promise<void>): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  try {
    await work(new URL(`http://127.0.0.1:${server.addr.port}/sites.csv`));
  } finally {
    await server.shutdown();
  }
}

Deno.test("isUrl() knows what is on the web", () => {
  for (const url of ["http://a/b", "https://a", "HTTP://A"]) assert(isUrl(url));
  for (const file of ["a.csv", "http.csv", "/http://a", "file:///a", "-", ""]) assert(!isUrl(file));
});

testNeeding(["read", "write"], "openInput() gives a file with its size", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "some text");
    const input = await openInput(`${folder}/a`, never);
    assertEquals([input.size, await textOf(input)], [9, "some text"]);
  }));

testNeeding(
  ["read", "write"],
  "openInput() names what cannot be read, why, and what to do",
  () =>
    inFolder(async (folder) => {
      const none = await assertRejects(() => openInput(`${folder}/none`, never), InputError);
      assertStringIncludes(none.message, `none": No such file`);
      assertStringIncludes(none.message, "; give a file, a URL, or - for standard input");
      const other = await assertRejects(() => openInput(`${folder}/none`, never, "try again"), InputError);
      assertStringIncludes(other.message, "; try again");
      const directory = await assertRejects(() => openInput(folder, never), InputError);
      assertStringIncludes(directory.message, "it is a directory");
    }),
);

testNeeding(["net"], "openInput() gives what a server has, with the size that it names", async () => {
  await serving(() => new Response("some text", { headers: { "content-length": "9" } }), async (url) => {
    const input = await openInput(url.href, never);
    assertEquals([input.size, await textOf(input)], [9, "some text"]);
  });
  const pieces = () => new Response(ReadableStream.from(["some ", "text"]).pipeThrough(new TextEncoderStream()));
  await serving(pieces, async (url) => {
    const input = await openInput(url.href, never);
    assertEquals([input.size, await textOf(input)], [undefined, "some text"]);
  });
});

testNeeding(["net"], "openInput() says what a server answers instead, or that there is none", async () => {
  await serving(() => new Response("gone", { status: 404, statusText: "Not Found" }), async (url) => {
    const { message } = await assertRejects(() => openInput(url.href, never), InputError);
    assertEquals(
      message,
      `Cannot read "${url}": the server answers 404 Not Found; give a file, a URL, or - for standard input`,
    );
  });
  const dead = new URL(`http://${deadAddress()}/`);
  await assertRejects(() => openInput(dead.href, never), InputError, "refused");
  const { message } = await assertRejects(() => openInput(dead.href, never, "try again"), InputError);
  assertStringIncludes(message, "; try again");
});

testNeeding(["net"], "openInput() ends when it is told to, before an answer and in the middle of one", async () => {
  const asked = Promise.withResolvers<void>();
  const stopping = new AbortController();
  let drip: ReadableStreamDefaultController<Uint8Array> | undefined;
  const answer = () => {
    asked.resolve();
    return new Response(new ReadableStream<Uint8Array>({ start: (controller) => void (drip = controller) }));
  };
  await serving(answer, async (url) => {
    const opened = openInput(url.href, stopping.signal);
    await asked.promise;
    drip?.enqueue(new TextEncoder().encode("some "));
    const { bytes } = await opened;
    const reading = (async () => {
      for await (const _ of bytes) stopping.abort();
    })();
    await assertRejects(() => reading, InputError);
    const aborted = AbortSignal.abort();
    await assertRejects(() => openInput(url.href, aborted), InputError);
  });
});
