import { IndexOrders } from "../../../src/database/segments/index_orders.ts";
import { orderChecks } from "./index_orders_checks.ts";

for (const [name, check] of Object.entries(orderChecks)) Deno.test(name, () => check(IndexOrders));
