/**
 * Tests that break a real etcd and nodes on it in every way, which takes minutes: run by `deno task test:etcd`. Those
 * that need network namespaces run as root on Linux.
 *
 * @module
 */

import "./cluster/moving_test.ts";
import "./engine/etcd/members_fail_test.ts";
import "./engine/etcd/nodes_fail_test.ts";
import "./engine/etcd/order_fails_test.ts";
import "./engine/etcd/partitions_test.ts";
