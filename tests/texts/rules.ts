/**
 * What no text may say: words and turns that are shaped by another language, each with the plain form.
 *
 * A pattern matches across the lines of a passage, so each space in it is any white space.
 *
 * @module
 */

/** One turn that no text may use. */
export interface Rule {
  /** The turn, for the person who reads the failure. */
  readonly name: string;
  readonly pattern: RegExp;
  /** What to write instead. */
  readonly plain: string;
  /** Whether a question may begin in this way. */
  readonly mayAsk?: boolean;
}

/** The pattern with any white space for each space, and regardless of case where `flags` says so. */
function turn(source: string, flags = "g"): RegExp {
  return new RegExp(source.replaceAll(" ", "\\s+"), flags);
}

/** The beginning of a sentence. */
const begin = "(?<=^\\s*|[.!?]\\s+)";

/** All of them. */
export const rules: readonly Rule[] = [
  {
    name: "a sentence that begins with Who, Whoever or Whichever",
    pattern: turn(`${begin}(?:Who|Whoever|Whichever)\\b(?=\\s)`),
    plain: 'name the actor: "A client that ..."',
    mayAsk: true,
  },
  {
    name: "What as the subject of a verb",
    pattern: turn(
      `${begin}What (?:is|was|has|had|comes?|came|stands?|needs?|goes|waits?|cannot|can|may|must|ends?|lies)\\b`,
    ),
    plain: 'name the thing: "A request that ..."',
    mayAsk: true,
  },
  {
    name: "who without a noun before it",
    pattern: turn("\\b(?:for|of|to|by|from|with|and|at|if) (?:who|whoever) \\b(?!is|are|was)"),
    plain: '"for a client that ...", "to anyone who ..."',
  },
  { name: "who or what more", pattern: turn("\\b(?:who|what) more\\b", "gi"), plain: '"how many more"' },
  {
    name: '"is no ..."',
    pattern: turn(
      "(?<!\\bthere )\\b(?:is|are|was|were|be|being) no (?!longer\\b|one\\b|more than\\b|\\w+er than\\b)",
      "gi",
    ),
    plain: '"is not a ..."',
  },
  {
    name: 'a sentence that begins with "Of"',
    pattern: turn(`${begin}Of (?!course\\b)`),
    plain: "put the subject first",
  },
  {
    name: '"so many", "so long", "so much" for a number that is known',
    pattern: turn("\\b(?<!ever )so (?:many|long|much)\\b(?! (?:that|as)\\b|\\w* that\\b)", "gi"),
    plain: '"that many", "for that long", "until now"',
  },
  { name: '"anew"', pattern: turn("\\banew\\b", "gi"), plain: '"again" or "from scratch"' },
  { name: '"ever so"', pattern: turn("\\bever so\\b", "gi"), plain: '"however many"' },
  {
    name: '"one" for the reader',
    pattern: turn("\\bone (?:likes|types|scrolls|sees|looks|decides|wants|wishes|presses)\\b", "gi"),
    plain: '"you"',
  },
  { name: '"is nothing that"', pattern: turn("\\b(?:is|are) nothing that\\b", "gi"), plain: '"... do not notice ..."' },
  { name: '"by which"', pattern: turn("\\bby which\\b", "gi"), plain: "two sentences" },
  { name: '"upon which"', pattern: turn("\\bupon which\\b", "gi"), plain: '"Then ..."' },
  {
    name: '"is told" or "is answered" with a status',
    pattern: turn("\\b(?:told|answered) [1-5]\\d\\d\\b", "gi"),
    plain: '"gets 409"',
  },
  { name: '"stands behind"', pattern: turn("\\bstands? behind\\b", "gi"), plain: '"follows"' },
  {
    name: '"it is for ... to"',
    pattern: turn("\\bit is for (?:the|a|an) \\w+ to\\b", "gi"),
    plain: '"the client must"',
  },
  { name: '"goes on"', pattern: turn("\\b(?:go|goes|going|went|gone) on\\b", "gi"), plain: '"continues"' },
  {
    name: '"makes ... again"',
    pattern: turn("\\b(?:make|makes|made) (?:\\w+ )?again\\b", "gi"),
    plain: '"reconnects", "retries", "repeats"',
  },
  { name: '"be it"', pattern: turn("\\bbe (?:it|they)\\b", "gi"), plain: '"whether"' },
  { name: '"but for"', pattern: turn("\\bbut for\\b", "gi"), plain: '"except"' },
  {
    name: '"that there is not"',
    pattern: turn("\\bthat there (?:is|are) not\\b", "gi"),
    plain: '"that does not exist"',
  },
  { name: '"shall"', pattern: turn("\\bshall\\b", "gi"), plain: '"must" or "will"' },
];

/** One finding in a passage. */
export interface Finding {
  /** Lines after the passage's first one. */
  readonly line: number;
  /** What the text says, on one line. */
  readonly found: string;
  readonly rule: Rule;
}

/** Whether the sentence that begins at `at` is a question. */
function isQuestion(text: string, at: number): boolean {
  return /^[^.!?]*\?/.test(text.slice(at));
}

/** Everything in the text that a rule refuses, in order. */
export function findingsIn(text: string): Finding[] {
  const findings: (Finding & { at: number })[] = [];
  for (const rule of rules) {
    for (const match of text.matchAll(rule.pattern)) {
      if (rule.mayAsk && isQuestion(text, match.index)) continue;
      const [before, after] = [text.slice(0, match.index), text.slice(match.index)];
      const found = after.slice(0, 50).replace(/\s+/g, " ").trim();
      findings.push({ line: before.split("\n").length - 1, found, rule, at: match.index });
    }
  }
  return findings.sort((a, b) => a.at - b.at);
}
