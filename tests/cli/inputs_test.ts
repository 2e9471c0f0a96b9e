import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { filesIn, type Input, InputError, isUrl, openInput, withoutCredentials } from "../../src/cli/inputs.ts";
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
      const other = await assertRejects(() => openInput(`${folder}/none`, never, { advice: "try again" }), InputError);
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
  const { message } = await assertRejects(() => openInput(dead.href, never, { advice: "try again" }), InputError);
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

testNeeding(
  ["net"],
  "openInput() asks a server that fails once more, and leaves it alone for as long as it wants",
  async () => {
    const waits: number[] = [];
    const wait = (ms: number) => {
      waits.push(ms);
      return Promise.resolve();
    };
    let asked = 0;
    const failing = (times: number, headers: HeadersInit = {}, status = 503) => () =>
      ++asked <= times ? new Response("later", { status, headers }) : new Response("some text");
    await serving(failing(1), async (url) => {
      assertEquals(await textOf(await openInput(url.href, never, { wait })), "some text");
      assertEquals(asked, 2);
      assert(waits[0] >= 1_000 && waits[0] < 2_000, `${waits}`);
    });
    asked = 0;
    await serving(failing(1, { "retry-after": "7" }, 429), async (url) => {
      assertEquals(await textOf(await openInput(url.href, never, { wait })), "some text");
      assertEquals(waits[1], 7_000);
    });
    asked = 0;
    await serving(failing(9, { "retry-after": "2" }), async (url) => {
      const error = await assertRejects(() => openInput(url.href, never, { wait }), InputError, "answers 503");
      assertEquals([asked, error.retryAfterMs], [2, 2_000]);
    });
    asked = 0;
    await serving(failing(9, { "retry-after": "3600" }), async (url) => {
      const error = await assertRejects(() => openInput(url.href, never, { wait }), InputError, "answers 503");
      assertEquals([asked, error.retryAfterMs], [1, 3_600_000]);
    });
    asked = 0;
    await serving(failing(9, {}, 404), async (url) => {
      await assertRejects(() => openInput(url.href, never, { wait }), InputError, "answers 404");
      assertEquals(asked, 1);
    });
    asked = 0;
    await serving(failing(9), async (url) => {
      const stopping = new AbortController();
      const stop = () => {
        stopping.abort();
        return Promise.resolve();
      };
      await assertRejects(() => openInput(url.href, stopping.signal, { wait: stop }), InputError);
      assertEquals(asked, 1);
    });
  },
);

testNeeding(["net"], "openInput() says where a server has sent it, and which version it has", async () => {
  const answer = ({ url, headers }: Request) => {
    if (url.endsWith("/sites.csv")) return Response.redirect(new URL("/moved/sites.csv?x", url));
    if (headers.get("if-none-match") === '"1"') return new Response(null, { status: 304 });
    return new Response("some text", { headers: { etag: '"1"' } });
  };
  await serving(answer, async (url) => {
    const moved = new URL("/moved/sites.csv?x", url).href;
    const input = await openInput(url.href, never);
    assertEquals([input.url, input.etag, input.isUnchanged, await textOf(input)], [
      moved,
      '"1"',
      undefined,
      "some text",
    ]);
    const again = await openInput(url.href, never, { etag: '"1"' });
    assertEquals([again.etag, again.isUnchanged, await textOf(again)], ['"1"', true, ""]);
    const other = await openInput(url.href, never, { etag: '"0"' });
    assertEquals([other.isUnchanged, await textOf(other)], [undefined, "some text"]);
  });
});

testNeeding(["net"], "openInput() gives a server the user and the password", async () => {
  await serving(({ headers }) => new Response(headers.get("authorization")), async (url) => {
    assertEquals(await textOf(await openInput(url.href, never, { credentials: "Ann:é:x" })), "Basic QW5uOsOpOng=");
    assertEquals(await textOf(await openInput(url.href, never)), "");
  });
});

Deno.test("withoutCredentials() takes the user and the password out of a URL", () => {
  const cases: [string, string, string | undefined][] = [
    ["https://Ann:p%40ss@a.example/$bulk-publish?x#y", "https://a.example/$bulk-publish?x#y", "Ann:p@ss"],
    ["https://Ann@a.example/", "https://a.example/", "Ann:"],
    ["https://Ann:100%@a.example/", "https://a.example/", "Ann:100%"],
    ["https://a.example", "https://a.example", undefined],
    ["Ann:x@a.csv", "Ann:x@a.csv", undefined],
    ["-", "-", undefined],
  ];
  for (const [typed, place, credentials] of cases) {
    const found = withoutCredentials(typed);
    assertEquals([found.place, found.credentials], [place, credentials]);
  }
});

testNeeding(["read", "write"], "filesIn() lists a directory, and nothing else", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "");
    assertEquals([filesIn(folder), filesIn(`${folder}/a`), filesIn(`${folder}/none`)], [["a"], undefined, undefined]);
  }));
