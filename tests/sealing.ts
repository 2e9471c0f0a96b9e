/**
 * Tests of processes that seal their history in segments of a few entries. They take minutes, so they have a task of
 * their own: `deno task test:sealing`.
 *
 * @module
 */

import "./bench/served_history_test.ts";
import "./cluster/agreement_process_test.ts";
import "./cluster/continuing_test.ts";
import "./cluster/fetching_process_test.ts";
import "./cluster/backups_process_test.ts";
import "./cluster/healing_process_test.ts";
import "./cluster/sealed_backup_process_test.ts";
import "./cluster/sealing_process_test.ts";
