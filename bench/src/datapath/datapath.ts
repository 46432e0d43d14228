import type { Benchmark, Run } from "../benchmark.ts";
import { LabChild } from "./lab-child.ts";

/**
 * What flows cost a packet: guests of a network of the controller's against guests on bridges that are left to NORMAL,
 * with VXLAN between them, on the same two hypervisors of the lab.
 */
export const datapath: Benchmark = {
  bench: "datapath",
  metrics: {
    throughput: { unit: "Mbit/s", better: "higher", goal: 0.97 },
    "throughput-overlay": { unit: "Mbit/s", better: "higher", goal: 0.97 },
    latency: { unit: "ms", better: "lower", goal: 0.97 },
    "latency-overlay": { unit: "ms", better: "lower", goal: 0.97 },
  },
  peer: "plain bridges",
  runs: 5,
  prepare() {
    const lab = new LabChild();
    const side = async (name: "ours" | "plain", signal: AbortSignal): Promise<Run> => {
      const { local, overlay } = await lab.next(name, signal);
      return {
        figures: {
          throughput: local.mbitPerSec,
          "throughput-overlay": overlay.mbitPerSec,
          latency: local.roundTripMs,
          "latency-overlay": overlay.roundTripMs,
        },
      };
    };
    return Promise.resolve({
      params: { datapath: "userspace" },
      ours: async (signal) => side("ours", signal),
      peer: async (signal) => side("plain", signal),
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    });
  },
};
