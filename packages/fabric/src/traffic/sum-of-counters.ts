import type { RefusedCounters, TrafficCounters } from "@loomstack/model";

/** Each counter of all; one that nobody counts is null. */
export function sumOf(all: readonly TrafficCounters[]): TrafficCounters {
  const sum = (name: keyof TrafficCounters): string | null => {
    const counted = all.flatMap((counters) => counters[name] ?? []);
    return counted.length === 0 && all.length > 0
      ? null
      : String(counted.reduce((total, one) => total + BigInt(one), 0n));
  };
  return {
    ...{ rxPackets: sum("rxPackets"), txPackets: sum("txPackets"), rxBytes: sum("rxBytes"), txBytes: sum("txBytes") },
    ...{ rxDropped: sum("rxDropped"), txDropped: sum("txDropped") },
    ...{ rxErrors: sum("rxErrors"), txErrors: sum("txErrors") },
  };
}

export function sumOfRefused(all: readonly RefusedCounters[]): RefusedCounters {
  const sum = (name: keyof RefusedCounters): string =>
    String(all.reduce((total, one) => total + BigInt(one[name]), 0n));
  return { packets: sum("packets"), bytes: sum("bytes") };
}
