/**
 * Rules of the protocol, each broken on purpose: a scenario or the simulator must find every one of them.
 *
 * @module
 */

import { agreementMutants } from "./agreement_mutants.ts";
import { clientMutants } from "./client_mutants.ts";
import { durabilityMutants } from "./durability_mutants.ts";
import { executionMutants } from "./execution_mutants.ts";
import type { Mutant } from "./mutant.ts";
import { newcomerMutants } from "./newcomer_mutants.ts";
import { replicaMutants } from "./replica_mutants.ts";
import { waitingMutants } from "./waiting_mutants.ts";

/** All of them. */
export const mutants: readonly Mutant[] = [
  ...replicaMutants,
  ...executionMutants,
  ...waitingMutants,
  ...newcomerMutants,
  ...clientMutants,
  ...durabilityMutants,
  ...agreementMutants,
];
