/**
 * A simulated folder of files: what `HistoryFiles` promises, and all that may go wrong with it.
 *
 * Only what was made lasting survives a crash of the machine. None, some or all of the other bytes may be there, or
 * zeros in their place; and any of the other changes of names may have happened.
 *
 * @module
 */

import type { DiskRoom } from "../../src/storage/disk_room.ts";
import type { HistoryFiles } from "../../src/storage/history_files.ts";

/** The process ends here. */
export class SimCrash extends Error {
  override name = "SimCrash";
}

/** The calls that change something, or that a fault may be put into. */
export type FileCall = "create" | "append" | "sync" | "rename" | "syncFolder" | "remove" | "read" | "names" | "size";

interface SimFile {
  bytes: Uint8Array;
  /** The bytes that survive a crash. */
  lasting: Uint8Array;
  /** Whether a sync has failed: what it should have written is never written by a later one. */
  isLost: boolean;
}

type Names = Map<string, SimFile>;

/** A folder. */
export class SimFiles implements HistoryFiles {
  /** The names as the process sees them, and as they survive a crash. */
  #names: Names = new Map();
  #lasting: Names = new Map();
  /** The changes of names since these were made lasting. */
  #changes: ((names: Names) => void)[] = [];
  #isDown = false;
  /** How many calls have changed something. */
  changes = 0;
  /** The process ends before the change with this number, from 0. */
  crashAt = Infinity;
  /** Bytes that all files may have. */
  roomBytes = Infinity;
  /** Is asked before each call; it throws what the call is to throw. */
  fault: (call: FileCall, name: string) => void = () => {};
  /** Bytes that were read. */
  readBytes = 0;

  /** Whether the process has ended. */
  get isDown(): boolean {
    return this.#isDown;
  }

  #call(call: FileCall, name: string): void {
    if (this.#isDown) throw new SimCrash("the process has ended");
    if (call !== "read" && call !== "names" && call !== "size") {
      if (this.changes === this.crashAt) {
        this.#isDown = true;
        throw new SimCrash(`before change ${this.changes}: ${call} ${name}`);
      }
      this.changes++;
    }
    this.fault(call, name);
  }

  #change(change: (names: Names) => void): void {
    change(this.#names);
    this.#changes.push(change);
  }

  #file(name: string): SimFile {
    const file = this.#names.get(name);
    if (file === undefined) throw new Deno.errors.NotFound(`No such file or directory (os error 2): open '${name}'`);
    return file;
  }

  names(): string[] {
    this.#call("names", "");
    return [...this.#names.keys()];
  }

  size(name: string): number | undefined {
    this.#call("size", name);
    return this.#names.get(name)?.bytes.length;
  }

  create(name: string): void {
    this.#call("create", name);
    const file = { bytes: new Uint8Array(0), lasting: new Uint8Array(0), isLost: false };
    this.#change((names) => names.set(name, file));
  }

  append(name: string, bytes: Uint8Array): void {
    this.#call("append", name);
    const file = this.#file(name);
    const some = this.roomBytes === Infinity
      ? bytes
      : bytes.subarray(0, Math.max(0, Math.min(bytes.length, this.roomBytes - this.#usedBytes)));
    // A new array each time: the one before may be what is lasting.
    const whole = new Uint8Array(file.bytes.length + some.length);
    whole.set(file.bytes);
    whole.set(some, file.bytes.length);
    file.bytes = whole;
    if (some.length < bytes.length) throw new Error("No space left on device (os error 28)");
  }

  sync(name: string): void {
    const file = this.#file(name);
    try {
      this.#call("sync", name);
    } catch (error) {
      file.isLost = true;
      throw error;
    }
    if (!file.isLost) file.lasting = file.bytes;
  }

  rename(from: string, to: string): void {
    this.#call("rename", from);
    const file = this.#file(from);
    this.#change((names) => {
      names.delete(from);
      names.set(to, file);
    });
  }

  syncFolder(): void {
    this.#call("syncFolder", "");
    this.#lasting = new Map(this.#names);
    this.#changes = [];
  }

  read(name: string, start: number, length: number): Uint8Array {
    this.#call("read", name);
    this.readBytes += length;
    return this.#file(name).bytes.slice(start, start + length);
  }

  remove(name: string): void {
    this.#call("remove", name);
    if (this.#names.has(name)) this.#change((names) => names.delete(name));
  }

  pathOf(name: string): string {
    return `/sim/${name}`;
  }

  room(): DiskRoom | undefined {
    return { freeBytes: this.roomBytes - this.#usedBytes, diskBytes: this.roomBytes };
  }

  get #usedBytes(): number {
    let used = 0;
    for (const { bytes } of this.#names.values()) used += bytes.length;
    return used;
  }

  // Faults.

  /** Starts the process again: after it was killed, which loses nothing. */
  restart(): void {
    this.#isDown = false;
    this.crashAt = Infinity;
  }

  /** Starts the machine again. @param any gives numbers from 0 to below its argument: they decide what has survived. */
  restartMachine(any: (below: number) => number): void {
    const names = new Map(this.#lasting);
    for (const change of this.#changes) if (any(2) === 1) change(names);
    for (const file of new Set(names.values())) {
      const { bytes, lasting } = file;
      if (bytes !== lasting) {
        // Something was written since: nothing of it, a part, all with zeros in it, or all of it.
        const survivors = [
          lasting,
          bytes.slice(0, lasting.length + any(bytes.length - lasting.length + 1)),
          bytes.map((byte, at) => at < lasting.length || at % 7 > 0 ? byte : 0),
          bytes,
        ];
        file.bytes = survivors[any(survivors.length)];
      }
      file.lasting = file.bytes;
      file.isLost = false;
    }
    this.#names = names;
    this.#lasting = new Map(names);
    this.#changes = [];
    this.restart();
  }

  /** The bytes of a file that survive a crash; undefined: it does not. */
  survivor(name: string): Uint8Array | undefined {
    return this.#lasting.get(name)?.lasting;
  }

  /** Copies what survives a crash; what is returned puts the copy in its place. */
  copy(): () => void {
    const all = [...this.#lasting].map(([name, { lasting }]) => [name, lasting] as const);
    return () => {
      this.wipe();
      for (const [name, bytes] of all) this.put(name, bytes);
    };
  }

  /** All files are lost. */
  wipe(): void {
    this.#names = new Map();
    this.#lasting = new Map();
    this.#changes = [];
    this.restart();
  }

  /** Flips a bit. */
  flip(name: string, at: number): void {
    const file = this.#file(name);
    file.bytes = file.lasting = file.bytes.map((byte, k) => k === at ? byte ^ 1 << (at % 8) : byte);
  }

  /** Leaves the first bytes. */
  cut(name: string, length: number): void {
    const file = this.#file(name);
    file.bytes = file.lasting = file.bytes.slice(0, length);
  }

  /** The file is lost. */
  lose(name: string): void {
    this.#names.delete(name);
    this.#lasting.delete(name);
  }

  /** Puts a file there, lasting. */
  put(name: string, bytes: Uint8Array): void {
    const file = { bytes, lasting: bytes, isLost: false };
    this.#names.set(name, file);
    this.#lasting.set(name, file);
  }

  /** All files as the process sees them. */
  all(): Map<string, Uint8Array> {
    return new Map([...this.#names].map(([name, { bytes }]) => [name, bytes]));
  }
}
