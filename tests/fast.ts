/**
 * Tests that need nothing but what is in memory; `deno task test:fast` runs these and those of simulated.ts.
 *
 * Those of a list share one worker, as a worker for each file takes longer to start than its tests take. `deno test`
 * runs all lists; with the name of a file or a folder, it runs each file in a worker of its own.
 *
 * @module
 */

import "./bytes_test.ts";
import "./cli/addresses_test.ts";
import "./cli/arguments_test.ts";
import "./cli/backup_command_test.ts";
import "./cli/cases_test.ts";
import "./cli/client_main_test.ts";
import "./cli/commands_test.ts";
import "./cli/export_command_test.ts";
import "./cli/import_command_test.ts";
import "./cli/import_feed_test.ts";
import "./cli/import_follow_test.ts";
import "./cli/import_place_test.ts";
import "./cli/import_report_test.ts";
import "./cli/inputs_test.ts";
import "./cli/listing_test.ts";
import "./cli/menu_test.ts";
import "./cli/outputs_test.ts";
import "./cli/progress_test.ts";
import "./cli/render_entries_test.ts";
import "./cli/render_test.ts";
import "./cli/reports_test.ts";
import "./cli/site_choice_test.ts";
import "./cli/site_names_test.ts";
import "./cli/status_command_test.ts";
import "./cli/table_test.ts";
import "./cli/times_test.ts";
import "./cli/watch_command_test.ts";
import "./library/client_test.ts";
import "./clock_test.ts";
import "./cluster_id_test.ts";
import "./database/fullness_test.ts";
import "./database/name_order_test.ts";
import "./database/site_rules_test.ts";
import "./database/store/entry_log_test.ts";
import "./database/store/growing_bytes_test.ts";
import "./database/store/model_test.ts";
import "./database/store/pages_test.ts";
import "./database/store/replay_test.ts";
import "./database/store/reports_test.ts";
import "./database/store/site_table_test.ts";
import "./database/store/sites_test.ts";
import "./database/store/slots_test.ts";
import "./database/store/snapshot_test.ts";
import "./database/store/sorted_names_test.ts";
import "./database/values_test.ts";
import "./database/wire/command_fields_test.ts";
import "./database/wire/commands_test.ts";
import "./database/wire/outputs_test.ts";
import "./database/wire/packed_test.ts";
import "./floors_test.ts";
import "./formats/broken_csv_test.ts";
import "./formats/broken_feed_test.ts";
import "./formats/broken_ndjson_test.ts";
import "./formats/csv_test.ts";
import "./formats/distinct_ids_test.ts";

import "./formats/feed_dialects_test.ts";
import "./formats/feed_gone_test.ts";
import "./formats/instants_test.ts";
import "./formats/json_text_test.ts";
import "./formats/links_writer_test.ts";
import "./formats/ndjson_test.ts";
import "./formats/page_test.ts";
import "./formats/rite_aid_test.ts";
import "./formats/scheduling_links_test.ts";
import "./formats/sheets_test.ts";
import "./formats/states_test.ts";
import "./formats/time_zones_test.ts";
import "./formats/zips_test.ts";
import "./framing_test.ts";
import "./front/layout_test.ts";
import "./front/line_editor_test.ts";
import "./front/listening_test.ts";
import "./front/nearest_test.ts";
import "./front/suspending_test.ts";
import "./front/version_test.ts";
import "./health_test.ts";
import "./http/etags_test.ts";
import "./http/router_test.ts";
import "./lists_test.ts";
import "./net/byte_budget_test.ts";
import "./net/turns_test.ts";
import "./quoted_test.ts";
import "./reason_test.ts";
import "./snapshot_test.ts";
import "./stability_test.ts";
import "./std/assert_test.ts";
import "./std/cli_test.ts";
import "./uid_test.ts";
