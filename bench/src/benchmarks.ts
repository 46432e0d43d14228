import type { Benchmark } from "./benchmark.ts";
import { dump } from "./openflow/dump.ts";
import { install } from "./openflow/install.ts";
import { memory } from "./openflow/memory.ts";
import { packetIn } from "./openflow/packet-in.ts";
import { load } from "./ovsdb/load.ts";
import { resume } from "./ovsdb/resume.ts";
import { transact } from "./ovsdb/transact.ts";
import { updates } from "./ovsdb/updates.ts";

/** All benchmarks, in the order in which they run. */
export const benchmarks: readonly Benchmark[] = [load, transact, updates, resume, install, dump, packetIn, memory];
