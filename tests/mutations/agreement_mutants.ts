/**
 * The rules of members that compare what they have sealed (V12), each broken on purpose.
 *
 * @module
 */

import type { Mutant } from "./mutant.ts";

const agreement = "protocol/replica/agreement.ts";
const verdict = "protocol/replica/agreement_verdict.ts";

/** Why only scenarios find these. */
const onlyScenario = "only a replica that seals something else than the others leads there";

/** All of them. */
export const agreementMutants: readonly Mutant[] = [
  {
    name: "V12: the larger party halts",
    file: verdict,
    from: "b.length - a.length || Math.min(...a) - Math.min(...b)",
    to: "a.length - b.length || Math.min(...a) - Math.min(...b)",
    scenario: "sealed_differently_the_smaller_party_halts",
    onlyScenario,
  },
  {
    name: "V12: both of two parties of one size halt",
    file: verdict,
    from: "if (party === right) continue;",
    to: "if (party === right && mayBeRight.every((it) => it === right || it.length < right.length)) continue;",
    scenario: "sealed_differently_by_two",
    onlyScenario,
  },
  {
    name: "V12: a party of broken members is right, so all may halt",
    file: verdict,
    from: "party.some((id) => !verdicts.has(id))",
    to: "party.length > 0",
    scenario: "sealed_three_things_differently",
    onlyScenario,
  },
  {
    name: "V12: members judge before all have stated what they have",
    file: verdict,
    from: "said.size < members.length || counts.size > 1",
    to: "counts.size > 1",
    scenario: "sealed_by_one_late",
    onlyScenario,
  },
  {
    name: "V12: what was stated with other redacted entries is judged",
    file: verdict,
    from: "said.size < members.length || counts.size > 1",
    to: "said.size < members.length",
    scenario: "sealed_again_before_all_have_stated",
    onlyScenario,
  },
  {
    name: "V12: segments with other redacted entries are compared",
    file: agreement,
    from: "own.redacted !== other.redacted || isSame(own, other)",
    to: "isSame(own, other)",
    scenario: "sealed_after_other_redactions",
    onlyScenario: "they are never judged so, and it costs a view change",
  },
  {
    name: "V12: the view does not end where members differ",
    file: agreement,
    from: "    this.#ended = v;\n    this.#host.alarm();\n",
    to: "    this.#ended = v;\n",
    scenario: "sealed_differently_the_smaller_party_halts",
    onlyScenario,
  },
  {
    name: "V12: nobody says what is in dispute",
    file: agreement,
    from: `if (places.length > 0) this.#toOthers({ kind: "DISPUTED", v, places });`,
    to: "",
    scenario: "sealed_differently_the_smaller_party_halts",
    onlyScenario,
  },
  {
    name: "V12: what somebody could say nothing of is forgotten",
    file: agreement,
    from: "for (const place of open) this.#dispute(place);",
    to: "",
    scenario: "sealed_and_one_that_never_does",
    onlyScenario,
  },
  {
    name: "V12: what a replica named before it was a member is never told",
    file: "protocol/replica/replica.ts",
    from: "if (this.#isServing) this.#agreement.pass();",
    to: "",
    scenario: "sealed_before_it_was_a_member",
    onlyScenario,
  },
  {
    name: "V12: what is named is not told",
    file: "protocol/replica/replica.ts",
    from: "        this.#agreement.tell();\n",
    to: "",
    scenario: "sealed_differently_the_smaller_party_halts",
    onlyScenario,
  },
];
