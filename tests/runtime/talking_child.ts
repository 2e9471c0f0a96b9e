/** A child process for tests: says what it is told, or does what it is told to do. */

import { say, told } from "../../src/runtime/parent.ts";

for await (
  const { tell, text } of told((line) => JSON.parse(line) as { readonly tell: string; readonly text: string })
) {
  if (tell === "write") await Deno.stdout.write(new TextEncoder().encode(text));
  else if (tell === "complain") console.error(text);
  else if (tell === "hang") await new Promise((resolve) => setTimeout(resolve, 2 ** 30));
  else if (tell === "exit") Deno.exit(Number(text));
  else say({ say: "heard", text });
}
await say({ say: "heard", text: "the end" });
