import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Token, TokenError, tokenTextMax } from "../../src/access/token.ts";

const secret = Uint8Array.from({ length: 32 }, (_, at) => at);

Deno.test("a token as a text can be read again, begins with its prefix, and fits into a header of HTTP", () => {
  const token = new Token("ci.east-1", secret);
  assert(/^vaxlog_[A-Za-z0-9_-]{43}\.ci\.east-1$/.test(token.text), "form");
  const read = Token.parse(` ${token.text}\n`);
  assertEquals([read.name, read.text], ["ci.east-1", token.text]);
  assertEquals(read.keys, token.keys);
  assertEquals(new Token("a".repeat(40), secret).text.length, tokenTextMax);
});

Deno.test("what is not a token is refused, and no message has a part of the text", () => {
  const { text } = new Token("ann", secret);
  const wrong = [
    "",
    "vaxlog_",
    text.slice(1),
    text.slice(0, -4),
    text.replace(".", ""),
    text.replace("ann", "-ann"),
    text.replace("ann", "a b"),
    text.replace("ann", "a".repeat(41)),
    text.replace("vaxlog_", "vaxlog-"),
    `${text}\n${text}`,
    text.replace("AAEC", "AAE*"),
    // Another last character with the same bytes.
    text.replace(".ann", "").replace(/.$/, "9") + ".ann",
  ];
  for (const each of wrong) {
    const error = assertThrows(() => Token.parse(each), TokenError, "", each);
    assertEquals(error.message.includes(text.slice(7, 27)), false, error.message);
  }
});

Deno.test("a name has letters, digits and a few signs", () => {
  for (const name of ["a", "A1", "x.y_z-1", "9"]) assertEquals(new Token(name, secret).name, name);
  for (const name of ["", ".a", "-a", "_a", "ä", "a b", "a/b", "a\n", "a".repeat(41)]) {
    const error = assertThrows(() => new Token(name, secret), TokenError);
    assertStringIncludes(error.message, "cannot be the name of a token");
  }
  // A person has typed the token where its name belongs.
  const { text } = new Token("ann", secret);
  const error = assertThrows(() => new Token(text, secret), TokenError);
  assertEquals(error.message.includes(text.slice(7, 27)), false);
});

Deno.test("a token that is printed by mistake does not show its secret", () => {
  const token = new Token("ann", secret);
  const hidden = token.text.slice(7, 27);
  for (const shown of [`${token}`, JSON.stringify({ token }), Deno.inspect(token), Deno.inspect({ token })]) {
    assertEquals(shown.includes(hidden) || shown.includes(secret.toHex().slice(0, 20)), false, shown);
  }
});
