/**
 * Tests that start programs of their own, which keep data on disk; see processes.ts.
 *
 * @module
 */

import "./cluster/backup_test.ts";
import "./cluster/clean_stop_test.ts";
import "./cluster/cold_start_clean_test.ts";
import "./cluster/cold_start_test.ts";
import "./cluster/durability_test.ts";
import "./cluster/durable_test.ts";
import "./cluster/force_test.ts";
import "./cluster/forced_start_test.ts";
import "./cluster/full_data_disk_test.ts";
import "./cluster/full_log_disk_test.ts";
import "./cluster/full_log_file_test.ts";
import "./cluster/launcher_data_test.ts";
import "./cluster/restore_test.ts";
import "./storage/claim_test.ts";
import "./storage/history_process_test.ts";
import "./storage/refusals_test.ts";
import "./storage/sync_test.ts";
