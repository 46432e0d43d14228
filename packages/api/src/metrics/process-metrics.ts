import { collectDefaultMetrics, Registry } from "prom-client";

/**
 * What prom-client tells of any Node.js process (CPU time, memory, file descriptors, event loop lag, garbage collection),
 * under the names that dashboards know. One for all: what it watches is the process.
 */
let registry: Registry | undefined;

export async function processMetrics(): Promise<string> {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  // Prometheus takes any case; others that read its format want it as the format has it.
  return (await registry.metrics()).replaceAll(" Nan\n", " NaN\n");
}
