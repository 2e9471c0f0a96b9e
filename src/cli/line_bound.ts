/**
 * A bound on what one typed line may hold.
 *
 * @module
 */

/**
 * Passes text on, but of each line only the first `lengthMax` UTF-16 units: whatever is piped into the menu, memory
 * holds. Nothing that makes sense there is nearly as long, so a line that was cut is refused as too long all the same.
 */
export class LineBound extends TransformStream<string, string> {
  /**
   * Bounds the lines of a text.
   *
   * @param lengthMax UTF-16 units of a line that are passed on, without its end.
   */
  constructor(lengthMax: number) {
    let room = lengthMax;
    super({
      transform(text, controller) {
        let passed = "";
        for (let start = 0; start < text.length;) {
          const end = text.indexOf("\n", start);
          const line = text.slice(start, end < 0 ? text.length : end);
          passed += line.slice(0, room);
          room -= Math.min(room, line.length);
          if (end < 0) break;
          passed += "\n";
          room = lengthMax;
          start = end + 1;
        }
        if (passed !== "") controller.enqueue(passed);
      },
    });
  }
}
