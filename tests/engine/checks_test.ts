import { callerChecks } from "./caller_checks.ts";
import { checks } from "./checks.ts";

for (const [name, check] of Object.entries(checks)) Deno.test(`NodeCore: ${name}`, check);
for (const [name, check] of Object.entries(callerChecks)) Deno.test(`NodeCaller: ${name}`, check);
