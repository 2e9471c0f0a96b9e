/**
 * Places on this machine that can be cut off from each other, in both directions or in one: network namespaces around
 * a hub that routes between them. A cut drops packets silently, as a broken switch does.
 *
 * @module
 */

/** Why there are no such places; undefined: there are. */
export const whyNoNetwork: string | undefined = await findOut();

async function findOut(): Promise<string | undefined> {
  if ((await Deno.permissions.query({ name: "run" })).state !== "granted") return "needs --allow-run";
  if ((await Deno.permissions.query({ name: "sys", kind: "uid" })).state !== "granted") return "needs --allow-sys=uid";
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return "needs network namespaces: run it as root on Linux";
  try {
    const name = `${prefix()}try`;
    await ip("netns", "add", name);
    await ip("netns", "del", name);
  } catch (error) {
    return `needs network namespaces, and "ip netns add" fails: ${(error as Error).message}`;
  }
}

function prefix(): string {
  return `vx${crypto.getRandomValues(new Uint8Array(3)).toHex()}-`;
}

async function ip(...args: string[]): Promise<void> {
  const command = new Deno.Command("ip", { args, stdin: "null", stdout: "null", stderr: "piped" });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(`ip ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}

/** Places, each with an address of its own. */
export class Network implements AsyncDisposable {
  readonly #prefix = prefix();
  readonly #places: readonly string[];
  readonly #cuts = new Set<string>();

  private constructor(places: readonly string[]) {
    this.#places = places;
  }

  /** Makes them. */
  static async make(places: readonly string[]): Promise<Network> {
    const network = new Network(places);
    try {
      await network.#build();
      return network;
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
  }

  get #hub(): string {
    return `${this.#prefix}hub`;
  }

  #name(place: string): string {
    return `${this.#prefix}${place}`;
  }

  /** The address of a place. */
  addressOf(place: string): string {
    return `10.231.${this.#places.indexOf(place) + 1}.2`;
  }

  async #build(): Promise<void> {
    await ip("netns", "add", this.#hub);
    const forward = ["netns", "exec", this.#hub, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"];
    await ip(...forward);
    for (const [at, place] of this.#places.entries()) {
      const [name, link, gateway] = [this.#name(place), `v${at}`, `10.231.${at + 1}.1`];
      await ip("netns", "add", name);
      await ip("-n", this.#hub, "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name);
      await ip("-n", this.#hub, "addr", "add", `${gateway}/24`, "dev", link);
      await ip("-n", this.#hub, "link", "set", link, "up");
      await ip("-n", name, "addr", "add", `${this.addressOf(place)}/24`, "dev", "eth0");
      await ip("-n", name, "link", "set", "eth0", "up");
      await ip("-n", name, "link", "set", "lo", "up");
      await ip("-n", name, "route", "add", "default", "via", gateway);
    }
  }

  /** The words that run a program at a place, with the process that is started; undefined: in the hub. */
  at(place: string | undefined, words: readonly string[]): readonly string[] {
    return ["ip", "netns", "exec", place === undefined ? this.#hub : this.#name(place), ...words];
  }

  /** Drops all packets from one place to another. */
  async cut(from: string, to: string): Promise<void> {
    const rule = this.#rule(from, to);
    if (this.#cuts.has(rule)) return;
    this.#cuts.add(rule);
    await ip("-n", this.#hub, "rule", "add", ...rule.split(" "));
  }

  /** Cuts between each of some places and each of others, in both directions. */
  async part(some: readonly string[], others: readonly string[]): Promise<void> {
    for (const one of some) {
      for (const other of others) await Promise.all([this.cut(one, other), this.cut(other, one)]);
    }
  }

  /** Ends all cuts. */
  async mend(): Promise<void> {
    const cuts = [...this.#cuts];
    this.#cuts.clear();
    for (const rule of cuts) await ip("-n", this.#hub, "rule", "del", ...rule.split(" "));
  }

  #rule(from: string, to: string): string {
    return `from ${this.addressOf(from)} to ${this.addressOf(to)} blackhole`;
  }

  /** Removes all places; the processes in them must have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const place of this.#places) await ip("netns", "del", this.#name(place)).catch(() => {});
    await ip("netns", "del", this.#hub).catch(() => {});
  }
}
