/** What this process has used, for programs that are measured. */
import { readFileSync } from "node:fs";

export interface Resources {
  /** Seconds of processor time since the process began, all threads. */
  readonly cpuS: number;
  readonly wallS: number;
  /** The memory that is resident now, and the most that ever was, in MB. */
  readonly residentMb: number;
  readonly peakMb: number;
}

export function readResources(): Resources {
  const { user, system } = process.cpuUsage();
  const status = readFileSync("/proc/self/status", "utf8");
  return {
    cpuS: (user + system) / 1e6,
    wallS: performance.now() / 1000,
    residentMb: memberMb(status, "VmRSS"),
    peakMb: memberMb(status, "VmHWM"),
  };
}

function memberMb(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
}
