/**
 * Each rule about who is let in is needed: if it is broken, a proof opens another link, a token that does not count
 * lets somebody in, or a role allows too much.
 */

import type { AuthEntry, entryOf as entryOfType } from "../../src/access/auth_entries.ts";
import type { AccessTable as AccessTableType } from "../../src/access/access_table.ts";
import type { Token as TokenType } from "../../src/access/token.ts";
import type { Sites as SitesType } from "../../src/database/store/sites.ts";
import type { Link } from "../../src/net/link.ts";
import type { LinkOpener as LinkOpenerType } from "../../src/net/opening.ts";
import type { Admission as AdmissionType } from "../../src/net/server/admission.ts";
import type { LinkPurpose, Message } from "../../src/protocol/wire/messages.ts";
import { wireVersion } from "../../src/limits.ts";
import { accessRoles } from "../../src/roles.ts";
import { batchOf } from "../database/store/memory.ts";
import { machineParts } from "../database/store/machine.ts";
import { modulesWith, testEachIsNeeded } from "./each_is_needed.ts";
import type { Mutant } from "./mutant.ts";

const [keys, table, admission, opening, commands, sites] = [
  "access/keys",
  "access/access_table",
  "net/server/admission",
  "net/opening",
  "database/wire/commands",
  "database/store/sites",
].map((name) => `${name}.ts`);

const claimed = 'return JSON.stringify(["vaxlog link 1", purpose, port, name, openerNonce, replicaNonce]);';

const mutants: readonly Mutant[] = [
  ...(["purpose", "port", "name", "openerNonce", "replicaNonce"] as const).map((field): Mutant => ({
    name: `a proof is the same whatever the ${field} is`,
    file: keys,
    from: claimed,
    to: claimed.replace(`${field}`, '""'),
  })),
  {
    name: "any proof of a client is right",
    file: keys,
    from: "return timingSafeEqual(hash(xor(given, hmac(storedKey, textOf(claim)))), storedKey);",
    to: "return true;",
  },
  {
    name: "any proof of a server is right",
    file: keys,
    from: "return given !== undefined && timingSafeEqual(given, hmac(serverKey, textOf(claim)));",
    to: "return given !== undefined;",
  },
  {
    name: "an opener believes whoever listens",
    file: opening,
    from: "if (!isServerProof(keys, claim, proof)) {",
    to: "if (keys === undefined) {",
  },
  {
    name: "a token counts after it has expired",
    file: table,
    from: "return entry === undefined || nowMs >= (entry.expires ?? Infinity) ? undefined : entry;",
    to: "return entry;",
  },
  {
    name: "the name of a token is enough over HTTP",
    file: table,
    from: "if (entry === undefined || !isRight) return undefined;\n    const",
    to: "if (entry === undefined) return undefined;\n    const",
  },
  {
    name: "a link stays though its token has another role",
    file: table,
    from: " && mine.role === theirs.role &&\n",
    to: " &&\n",
  },
  {
    name: "a link stays though another token has its name",
    file: table,
    from: "      isSameKey(mine.keys.storedKey, theirs.keys.storedKey);\n",
    to: "      true;\n",
  },
  {
    name: "each role opens each link",
    file: admission,
    from: "    if (!mayDo(role, needed)) return tooLittle(`a link for a ${purpose}`, needed, prover);\n",
    to: "",
  },
  {
    name: "a copy needs no more than a look",
    file: admission,
    from: 'copy: "operate",',
    to: 'copy: "read",',
  },
  {
    name: "a replica needs no key",
    file: admission,
    from:
      '      if (name !== "" || !isClientProof(keys, claim, proof)) return "it is not a replica of this cluster";\n',
    to: "",
  },
  {
    name: "a replica draws the same nonce each time",
    file: admission,
    from: "const replicaNonce = crypto.getRandomValues(new Uint8Array(keyBytes)).toHex();",
    to: "const replicaNonce = new Uint8Array(keyBytes).toHex();",
  },
  {
    name: "a revoked token keeps its links",
    file: admission,
    from: "return guest !== undefined && !this.#table.hasSame(guest.name, before, now);",
    to: "return false;",
  },
  {
    name: "an expired token keeps its links",
    file: admission,
    from: "return guest !== undefined && this.#table.entry(guest.name, Date.now()) === undefined;",
    to: "return false;",
  },
  {
    name: "to redact needs no more than to report",
    file: commands,
    from: 'return head !== undefined && kindIn(head) === commandKinds.redact ? "operate" : "report";',
    to: 'return "report";',
  },
  {
    name: "the last command of a request decides for all",
    file: sites,
    from: "needed = largerRole(needed, neededRoleBy(starts[at] < ends[at] ? commands[starts[at]] : undefined));",
    to: "needed = neededRoleBy(starts[at] < ends[at] ? commands[starts[at]] : undefined);",
  },
];

interface Modules {
  readonly Token: typeof TokenType;
  readonly entryOf: typeof entryOfType;
  readonly AccessTable: typeof AccessTableType;
  readonly Admission: typeof AdmissionType;
  readonly LinkOpener: typeof LinkOpenerType;
  readonly Sites: typeof SitesType;
}

const nonce = "0a".repeat(32);
const key = "ab".repeat(32);

/** A link that only keeps what is sent. */
function paperLink(): { link: Link; sent: Message[]; isOpen: () => boolean } {
  const sent: Message[] = [];
  let isOpen = true;
  const link = {
    send: (message: Message) => void sent.push(message),
    welcome: () => {},
    pause: () => {},
    resume: () => {},
    abort: () => void (isOpen = false),
  };
  return { link: link as unknown as Link, sent, isOpen: () => isOpen };
}

/** The rule that does not hold; "": each does. */
function fault({ Token, entryOf, AccessTable, Admission, LinkOpener, Sites }: Modules): string {
  const tokenOf = (name: string, byte: number) => new Token(name, new Uint8Array(32).fill(byte));
  const byRole = accessRoles.map((role, at) => ({ role, token: tokenOf(role, at + 1) }));
  const soon = Date.now() + 3_600_000;
  const late = tokenOf("late", 8);
  const entries: AuthEntry[] = [
    ...byRole.map(({ role, token }) => entryOf(token, role)),
    entryOf(tokenOf("twin", 1), "read"),
    entryOf(tokenOf("old", 7), "operate", 1_000),
    entryOf(late, "operate", soon),
  ];
  const doors = new Map([1, 2].map((port) => [port, new Admission({ key, port, access: entries })]));
  /** Whether a door lets an opener in; `forge` changes what comes on the way. */
  const isIn = (
    token: TokenType,
    purpose: LinkPurpose = "session",
    forge: { port?: number; purpose?: LinkPurpose; name?: string; nonce?: string; challenge?: string } = {},
  ) => {
    const { link, sent } = paperLink();
    const opener = new LinkOpener("127.0.0.1:1", { purpose, shown: () => token });
    opener.begin(link);
    const [greet] = sent as [Extract<Message, { kind: "GREET" }>];
    const door = doors.get(forge.port ?? 1)!;
    const { challenge, ...greeted } = door.greet({
      ...greet,
      purpose: forge.purpose ?? purpose,
      nonce: forge.nonce ?? greet.nonce,
    });
    opener.onMessage(link, { ...challenge, nonce: forge.challenge ?? challenge.nonce });
    const proof = sent[1] as Extract<Message, { kind: "PROOF" }>;
    return typeof door.prove(link, greeted, { ...proof, name: forge.name ?? proof.name }) !== "string";
  };
  const [{ token: read }, , { token: operate }] = byRole;
  const greet = { kind: "GREET", version: wireVersion, purpose: "session", nonce } as const;
  const [first, second] = [1, 2].map(() => doors.get(1)!.greet(greet).replicaNonce);
  if (first === second) return "a nonce comes again";
  if (!isIn(operate, "copy") || !isIn(read) || isIn(read, "copy")) return "a role opens the wrong links";
  if (isIn(tokenOf("operate", 9)) || isIn(tokenOf("old", 7))) return "a token lets in that does not count";
  if (isIn(operate, "session", { port: 2 })) return "a proof holds at another port";
  if (isIn(operate, "copy", { purpose: "session" })) return "a proof holds for another link";
  if (isIn(read, "session", { name: "twin" })) return "a proof holds for another name";
  if (isIn(operate, "session", { nonce })) return "a proof holds for another greeting";
  if (isIn(operate, "session", { challenge: nonce })) return "a proof holds for another challenge";
  if (isIn({ name: "", keys: operate.keys } as TokenType, "replica")) return "a replica needs no key";

  // A program that listens in place of a replica.
  const squatted = paperLink();
  const opener = new LinkOpener("127.0.0.1:1", { purpose: "session", shown: () => operate });
  opener.begin(squatted.link);
  opener.onMessage(squatted.link, { kind: "CHALLENGE", nonce });
  opener.onMessage(squatted.link, { kind: "ADMITTED", role: "operate", now: 0, proof: nonce });
  if (squatted.isOpen()) return "an opener believes a proof that is none";

  // Those that are in, when other tokens count.
  const door = new Admission({ key, port: 1, access: entries });
  const enter = (token: TokenType) => {
    const { link, sent } = paperLink();
    const own = new LinkOpener("127.0.0.1:1", { purpose: "session", shown: () => token });
    own.begin(link);
    const { challenge, ...greeted } = door.greet(sent[0] as Extract<Message, { kind: "GREET" }>);
    own.onMessage(link, challenge);
    door.prove(link, greeted, sent[1] as Extract<Message, { kind: "PROOF" }>);
    return link;
  };
  const [inRead, inOperate, inLate] = [read, operate, late].map(enter);
  const now = Date.now;
  Date.now = () => soon + 1;
  const isLate = door.isOver(inLate);
  Date.now = now;
  if (!isLate || door.isOver(inRead)) return "an expired token keeps its link";
  if (door.replace(entries)(inRead)) return "a link is cut for nothing";
  if (!door.replace(entries.filter(({ name }) => name !== "read"))(inRead)) return "a revoked token keeps its link";
  door.replace(entries);
  const others = entries.map((entry) => entry.name === "operate" ? { ...entry, role: "read" as const } : entry);
  if (!door.replace(others)(inOperate)) return "a link keeps a role";
  door.replace(entries);
  const renewed = [entryOf(tokenOf("operate", 9), "operate"), ...entries.filter(({ name }) => name !== "operate")];
  if (!door.replace(renewed)(inOperate)) return "a link keeps a token";

  const holders = new AccessTable(entries);
  if (holders.holder(tokenOf("operate", 9).text, 0) !== undefined) return "a name is enough";
  if (holders.holder(operate.text, 0)?.role !== "operate") return "a token does not count";

  const machine = new Sites(machineParts);
  const set = { kind: "set", name: "MIT", value: 1, recordedAt: 1 } as const;
  const redact = { kind: "redact", entry: 1, recordedAt: 1 } as const;
  const view = { kind: "view", name: "MIT" } as const;
  if (machine.neededRole(batchOf(redact, set, view)) !== "operate") return "a redaction needs too little";
  if (machine.neededRole(batchOf(set, view)) !== "report") return "a change needs too little";
  return machine.neededRole(batchOf(view)) === "read" ? "" : "a look needs too much";
}

testEachIsNeeded("each rule about who is let in is needed", mutants, (mutant) => {
  const module = modulesWith(mutant);
  const files = [
    "src/access/token.ts",
    "src/access/auth_entries.ts",
    "src/access/access_table.ts",
    "src/net/server/admission.ts",
    "src/net/opening.ts",
    "src/database/store/sites.ts",
  ];
  return fault(Object.assign({}, ...files.map((file) => module(file))) as Modules);
});
