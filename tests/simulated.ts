/**
 * Tests of the protocol, and of clusters that are simulated in memory; see fast.ts.
 *
 * @module
 */

import "./conformance/ledger_test.ts";
import "./conformance/simulated_test.ts";
import "./protocol/audit_test.ts";
import "./protocol/batch_test.ts";
import "./protocol/channel_test.ts";
import "./protocol/codec_test.ts";
import "./protocol/copy_test.ts";
import "./protocol/digest_test.ts";
import "./protocol/donor_behind_test.ts";
import "./protocol/donor_pace_test.ts";
import "./protocol/donor_test.ts";
import "./protocol/durability_test.ts";
import "./protocol/executor_test.ts";
import "./protocol/flush_test.ts";
import "./protocol/hostile_client_test.ts";
import "./protocol/inspection_test.ts";
import "./protocol/member_links_test.ts";
import "./protocol/newcomer_test.ts";
import "./protocol/outbox_test.ts";
import "./protocol/paper_test.ts";
import "./protocol/recent_test.ts";
import "./protocol/recovery_test.ts";
import "./protocol/replica_test.ts";
import "./protocol/sessions_test.ts";
import "./protocol/transmitter_test.ts";
import "./protocol/wire_test.ts";
import "./scenarios/costs_test.ts";
import "./scenarios/scenarios_test.ts";
import "./simulator/database_test.ts";
import "./simulator/expiry_test.ts";
import "./simulator/flood_test.ts";
import "./simulator/history_test.ts";
import "./simulator/launcher_test.ts";
import "./simulator/lesson_test.ts";
import "./simulator/pipe_test.ts";
import "./simulator/random_test.ts";
import "./simulator/reach_test.ts";
import "./simulator/sayings_test.ts";
import "./simulator/simulator_test.ts";
import "./simulator/slow_links_test.ts";
