/**
 * Tests that start programs of their own, one after the other, so that few compete for the cores; see fast.ts. Those
 * that keep data on disk are in durable.ts.
 *
 * @module
 */

import "./bench/smoke_test.ts";
import "./cli/help_examples_test.ts";
import "./cli/process_test.ts";
import "./cli/sample_feed_test.ts";
import "./cli/serve_command_test.ts";
import "./cli/terminal_test.ts";
import "./cluster/access_test.ts";
import "./cluster/archive_test.ts";
import "./cluster/announcer_test.ts";
import "./cluster/arguments_test.ts";
import "./cluster/causes_test.ts";
import "./cluster/certain_deaths_test.ts";
import "./cluster/cli_e2e_test.ts";
import "./cluster/compare_and_set_test.ts";
import "./cluster/conformance_test.ts";
import "./cluster/console_test.ts";
import "./cluster/crash_test.ts";
import "./cluster/ctrl_z_test.ts";
import "./cluster/closing_to_others_test.ts";
import "./cluster/detector_test.ts";
import "./cluster/engine_flags_test.ts";
import "./cluster/engine_nodes_test.ts";
import "./cluster/engine_triggers_test.ts";
import "./cluster/engine_url_test.ts";
import "./cluster/engine_words_test.ts";
import "./cluster/flood_test.ts";
import "./cluster/foreground_test.ts";
import "./cluster/gateway_log_test.ts";
import "./cluster/gateway_test.ts";
import "./cluster/hang_test.ts";
import "./cluster/hostile_random_test.ts";
import "./cluster/hostile_state_test.ts";
import "./cluster/hostile_test.ts";
import "./cluster/launcher_repair_test.ts";
import "./cluster/launcher_stop_test.ts";
import "./cluster/launcher_test.ts";
import "./cluster/other_user_test.ts";
import "./cluster/published_feed_test.ts";
import "./cluster/repair_test.ts";
import "./cluster/replica_log_test.ts";
import "./cluster/servers_test.ts";
import "./cluster/status_test.ts";
import "./cluster/stepping_aside_test.ts";
import "./cluster/stray_test.ts";
import "./cluster/terminal_guard_test.ts";
import "./cluster/ticker_test.ts";
import "./cluster/tls_gateway_test.ts";
import "./cluster/triggers_test.ts";
import "./cluster/two_gateways_test.ts";
import "./cluster/watch_test.ts";
import "./engine/etcd/access_test.ts";
import "./cluster/node_process_test.ts";
import "./engine/etcd/etcd_engine_test.ts";
import "./library/connect_test.ts";
import "./library/import_test.ts";
import "./linear/run_test.ts";
import "./runtime/child_test.ts";
import "./runtime/lines_test.ts";
import "./runtime/parent_watch_test.ts";
import "./texts/archive_page_test.ts";
import "./texts/readme_test.ts";
