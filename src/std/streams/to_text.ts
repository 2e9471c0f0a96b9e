/**
 * A whole stream as one text.
 *
 * @module
 */

/**
 * Reads a stream to its end.
 *
 * @param stream Texts, or bytes of UTF-8 cut anywhere.
 * @returns Everything in it; what is not UTF-8 becomes U+FFFD.
 */
export async function toText(stream: ReadableStream<string> | ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream as ReadableStream<string | Uint8Array>) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
