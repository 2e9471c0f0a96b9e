/**
 * Tests of the protocol, and of clusters that are simulated in memory; see fast.ts.
 *
 * @module
 */

import "./batch_test.ts";
import "./conformance/ledger_test.ts";
import "./conformance/simulated_test.ts";
import "./lesson/lesson_test.ts";
import "./protocol/client/member_links_test.ts";
import "./protocol/client/outbox_test.ts";
import "./protocol/client/reads_test.ts";
import "./protocol/client/transmitter_test.ts";
import "./protocol/paper_test.ts";
import "./protocol/replica/audit_test.ts";
import "./protocol/replica/bounds_test.ts";
import "./protocol/replica/channel_test.ts";
import "./protocol/replica/copy_test.ts";
import "./protocol/replica/digest_test.ts";
import "./protocol/replica/donor_behind_test.ts";
import "./protocol/replica/donor_pace_test.ts";
import "./protocol/replica/donor_test.ts";
import "./protocol/replica/durability_test.ts";
import "./protocol/replica/execution_test.ts";
import "./protocol/replica/executor_test.ts";
import "./protocol/replica/flush_newcomers_test.ts";
import "./protocol/replica/flush_test.ts";
import "./protocol/replica/gate_test.ts";
import "./protocol/replica/hostile_client_test.ts";
import "./protocol/replica/inspection_test.ts";
import "./protocol/replica/lease_test.ts";
import "./protocol/replica/newcomer_test.ts";
import "./protocol/replica/order_test.ts";
import "./protocol/replica/reads_test.ts";
import "./protocol/replica/receipts_test.ts";
import "./protocol/replica/recent_test.ts";
import "./protocol/replica/recovery_test.ts";
import "./protocol/replica/replica_test.ts";
import "./protocol/replica/sessions_test.ts";
import "./protocol/replica/sum_test.ts";
import "./protocol/replica/teller_test.ts";
import "./protocol/wire/codec_test.ts";
import "./protocol/wire/wire_test.ts";
import "./scenarios/costs_test.ts";
import "./scenarios/scenarios_test.ts";
import "./simulator/database_test.ts";
import "./simulator/expiry_test.ts";
import "./simulator/flood_test.ts";
import "./simulator/history_test.ts";
import "./simulator/launcher_test.ts";
import "./simulator/pipe_test.ts";
import "./simulator/random_test.ts";
import "./simulator/reach_test.ts";
import "./simulator/sayings_test.ts";
import "./simulator/simulator_test.ts";
import "./simulator/slow_links_test.ts";
