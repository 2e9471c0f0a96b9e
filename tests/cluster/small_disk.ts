/**
 * Disks with little room, for tests that fill one.
 *
 * @module
 */

const granted = (["net", "run", "read", "write"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);

function run(command: string, ...args: readonly string[]): boolean {
  try {
    return new Deno.Command(command, { args: [...args], stdout: "null", stderr: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}

/** A folder that is a disk of its own, until it is disposed of. */
export class SmallDisk implements Disposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Makes an empty folder a disk with room for that many KiB; undefined: that is not possible here. */
  static at(folder: string, kibibytes: number): SmallDisk | undefined {
    if (!run("mount", "-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", folder)) return undefined;
    return new SmallDisk(folder);
  }

  /** Gives it room for that many KiB. */
  grow(kibibytes: number): void {
    if (!run("mount", "-o", `remount,size=${kibibytes}k`, this.folder)) throw new Error("The disk does not grow");
  }

  [Symbol.dispose](): void {
    run("umount", "-l", this.folder);
  }
}

function canMount(): boolean {
  if (!granted) return false;
  const folder = Deno.makeTempDirSync({ prefix: "vaxlog-test-" });
  try {
    using disk = SmallDisk.at(folder, 64);
    return disk !== undefined;
  } finally {
    Deno.removeSync(folder);
  }
}

/** Whether this process may mount disks. */
export const mountsDisks: boolean = canMount();
