/** What other processes have used, as the kernel counts it. */
import { readFileSync } from "node:fs";
import { LoomstackError } from "@loomstack/core";

/** Clock ticks a second, as Linux shows processor time to programs on every machine that we know. */
const ticksPerSecond = 100;

export interface ProcessUsage {
  /** Processor seconds since they began, all threads. */
  readonly cpuS: number;
  /** What is resident now, and the most that ever was, each summed up, in MB. */
  readonly residentMb: number;
  readonly peakMb: number;
}

/** @throws LAB__EXPECTATION_FAILED when one of them has ended */
export function usageOf(pids: readonly number[]): ProcessUsage {
  const all = pids.map(readUsage);
  const sum = (member: keyof ProcessUsage): number => all.reduce((total, one) => total + one[member], 0);
  return { cpuS: sum("cpuS"), residentMb: sum("residentMb"), peakMb: sum("peakMb") };
}

function readUsage(pid: number): ProcessUsage {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const cpuS = cpuSeconds(readFileSync(`/proc/${pid}/stat`, "utf8"));
    return { cpuS, residentMb: memberMb(status, "VmRSS"), peakMb: memberMb(status, "VmHWM") };
  } catch (error) {
    const context = { what: `the process ${pid} that is measured`, expected: "that it runs", seen: "that it ended" };
    throw new LoomstackError("LAB__EXPECTATION_FAILED", context, { cause: error });
  }
}

/** Fields 14 and 15 of proc(5) `/proc/pid/stat`, counted behind the program's name, which may hold spaces. */
export function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function memberMb(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) / 1024;
}
