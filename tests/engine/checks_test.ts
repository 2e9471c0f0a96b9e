import { checks } from "./checks.ts";

for (const [name, check] of Object.entries(checks)) Deno.test(`NodeCore: ${name}`, check);
