import { assertEquals, assertStringIncludes } from "@std/assert";
import { Child } from "../../src/runtime/child.ts";
import { controlLineBytesMax, isText, parserOf } from "../../src/runtime/control.ts";
import { within } from "../net/within.ts";

type Heard = { readonly say: "heard"; readonly text: string };
type Told = { readonly tell: "repeat" | "write" | "complain" | "hang" | "exit"; readonly text: string };

const granted = Deno.permissions.querySync({ name: "run" }).state === "granted";

function childTest(name: string, fn: (talk: Talk) => Promise<void>): void {
  Deno.test({
    name: `${name} (needs --allow-run)`,
    ignore: !granted,
    fn: async () => {
      const talk = new Talk();
      try {
        await fn(talk);
      } finally {
        await talk.child.stop(0);
      }
    },
  });
}

/** A child that talks, and all that is heard of it. */
class Talk {
  readonly heard: string[] = [];
  readonly errors: string[] = [];
  readonly garbage: string[] = [];
  readonly child: Child<Heard, Told>;
  #more = Promise.withResolvers<void>();

  constructor() {
    const take = (list: string[]) => (text: string) => {
      list.push(text);
      this.#more.resolve();
      this.#more = Promise.withResolvers();
    };
    this.child = new Child({
      args: ["run", "--quiet", "--no-prompt", new URL("./talking_child.ts", import.meta.url).href],
      parse: parserOf("say", { heard: { text: isText } }),
      onSay: ({ text }) => take(this.heard)(text),
      onStderr: take(this.errors),
      onGarbage: ({ message }) => take(this.garbage)(message),
    });
  }

  tell(tell: Told["tell"], text = ""): void {
    this.child.tell({ tell, text });
  }

  async until(list: string[], count: number): Promise<void> {
    while (list.length < count) await within(`${count} lines`, this.#more.promise);
  }
}

childTest("Child.tell() and what comes back keep their order, and a line may be long", async (talk) => {
  const texts = ["one", "two\nthree", "x".repeat(controlLineBytesMax / 2)];
  for (const text of texts) talk.tell("repeat", text);
  talk.tell("complain", "a\nb");
  await talk.until(talk.heard, 3);
  await talk.until(talk.errors, 2);
  assertEquals([talk.heard, talk.errors, talk.child.unwritten], [texts, ["a", "b"], 0]);
});

childTest("Child.stop() has the child end by itself, and hears its last words", async (talk) => {
  talk.tell("repeat", "one");
  await talk.child.stop(60_000);
  assertEquals(talk.heard, ["one", "the end"]);
  assertEquals((await talk.child.exited).code, 0);
  // Nobody is there to hear that, or to be killed.
  talk.tell("repeat", "two");
  talk.child.kill();
});

childTest("Child.stop() kills a child that does not end by itself", async (talk) => {
  talk.tell("repeat", "one");
  talk.tell("hang");
  await talk.until(talk.heard, 1);
  await talk.child.stop(10);
  assertEquals((await talk.child.exited).signal, "SIGKILL");
});

childTest("Child.exited tells how the child ended", async (talk) => {
  talk.tell("exit", "7");
  assertEquals((await within("the exit", talk.child.exited)).code, 7);
});

childTest("a line that is not a message ends what is heard of a child", async (talk) => {
  for (const text of ['{"say":"heard","text":"one"}\n', "{\n", '{"say":"heard","text":"two"}\n']) {
    talk.tell("write", text);
  }
  await talk.until(talk.garbage, 1);
  assertEquals(talk.heard, ["one"]);
  assertStringIncludes(talk.garbage[0], "it is not JSON");
});

childTest("a line that is too long is not a message", async (talk) => {
  talk.tell("repeat", "x".repeat(controlLineBytesMax - '{"tell":"repeat","text":""}'.length));
  await talk.until(talk.heard, 1);
  talk.tell("write", "x".repeat(1_000));
  for (let at = 0; at < 70; at++) talk.tell("write", "x".repeat(1_000));
  talk.tell("write", "\n");
  await talk.until(talk.garbage, 1);
  assertStringIncludes(talk.garbage[0], `over ${controlLineBytesMax} bytes`);
});
