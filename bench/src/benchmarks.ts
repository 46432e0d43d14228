import { api } from "./api/api.ts";
import type { Benchmark } from "./benchmark.ts";
import { datapath } from "./datapath/datapath.ts";
import type { FabricChoices } from "./fabric/choices.ts";
import { fabricBenchmarks } from "./fabric/fabric.ts";
import { dump } from "./openflow/dump.ts";
import { install } from "./openflow/install.ts";
import { memory } from "./openflow/memory.ts";
import { packetIn } from "./openflow/packet-in.ts";
import { load } from "./ovsdb/load.ts";
import { resume } from "./ovsdb/resume.ts";
import { transact } from "./ovsdb/transact.ts";
import { updates } from "./ovsdb/updates.ts";

/** All benchmarks, in the order in which they run. @param fabric what is chosen of those of the fabric */
export function listBenchmarks(fabric: FabricChoices): readonly Benchmark[] {
  return [load, transact, updates, resume, install, dump, packetIn, memory, api, datapath, ...fabricBenchmarks(fabric)];
}
