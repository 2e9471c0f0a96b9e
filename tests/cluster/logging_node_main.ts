/**
 * A node that writes each command that it executes to its standard error, as a line of a log. It has no permission to
 * write files.
 *
 * @module
 */

import { itemsOf } from "../../src/batch.ts";
import { databaseOnEtcd, runNode } from "../../src/cluster/node_program.ts";
import { describeCommand } from "../../src/database/wire/command_fields.ts";
import { describeOutput } from "../../src/database/wire/output_words.ts";

if (import.meta.main) {
  await runNode({
    ...databaseOnEtcd,
    machine: () => {
      const machine = databaseOnEtcd.machine();
      let index = 0;
      const apply = machine.apply.bind(machine);
      machine.apply = (commands) => {
        const outputs = apply(commands);
        const all = [...itemsOf(outputs)];
        const lines = [...itemsOf(commands)].map((command, at) => {
          return `${++index}\t1.${index}.${"0".repeat(32)}#1\t${describeCommand(command)}\t${
            describeOutput(all[at])
          }\n`;
        });
        const bytes = new TextEncoder().encode(lines.join(""));
        for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
        return outputs;
      };
      return machine;
    },
  });
}
