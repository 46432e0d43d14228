/** Writes docs/metrics.md from the declaration of the metrics; with `--check` says whether it is fresh. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { families } from "../src/metrics/families.ts";

const file = path.resolve(import.meta.dirname, "../../../docs/metrics.md");

const page = [
  "# Metrics\n",
  "Generated from `packages/api/src/metrics` by `npm run generate`; don't edit. What `GET /metrics` tells Prometheus, in its text format 0.0.4. How to scrape it, and what else",
  "there is to see: [observability.md](observability.md).\n",
  "Labels: `hypervisor` is its key, as in `GET /api/v1/hypervisors`, `bridge` br-int or br-tun, `switch` the datapath id of a plain switch that was added, `route` the pattern of a path. Ports and",
  "networks are no labels, there are too many of them: `loomstack traffic` reads their counters. A counter starts at 0 with the process, those of a",
  "hypervisor also when it is forgotten and accepted again, but for what Open vSwitch counts itself: [what begins anew when](observability.md#traffic). In a process without the controller half, only the store's, HTTP's and the process's are there.\n",
  "| metric | type | labels | meaning |",
  "|---|---|---|---|",
  ...families.map(({ name, type, labels, help }) => `| ${name} | ${type} | ${labels.join(", ")} | ${help} |`),
  "\nBesides these, what prom-client tells of every Node.js process: `process_cpu_…`, `process_resident_memory_bytes`, `process_open_fds`, `process_start_time_seconds`,",
  "`nodejs_eventloop_lag_…`, `nodejs_heap_…`, `nodejs_gc_duration_seconds`, `nodejs_active_…` and `nodejs_version_info`.",
  "",
].join("\n");

if (process.argv.includes("--check")) {
  const current = await readFile(file, "utf8").catch(() => "");
  if (current !== page) {
    process.stderr.write("docs/metrics.md is stale: npm run generate\n");
    process.exitCode = 1;
  }
} else {
  await writeFile(file, page);
}
