import { behaviours } from "../conformance/suite.ts";
import { clusterTest } from "./real_cluster.ts";

for (const { name, replicas, run } of behaviours) clusterTest(`A cluster of processes ${name}`, replicas, run);
