import type { HistogramReading } from "@loomstack/core";
import type { MetricFamily, Sample } from "./exposition.ts";
import type { Readings } from "./readings.ts";

/** A family of metrics, and where its samples come from. */
export interface ReadFamily extends MetricFamily {
  readonly read: (readings: Readings) => Iterable<Sample>;
}

/** One metric: its name, which tells its type as well, a sentence, and its value for one object. */
export type Row<Source> = readonly [
  name: string,
  help: string,
  read: (source: Source) => number | boolean | HistogramReading,
];

/** Families with the same labels, whose samples come of the same objects. */
export function familiesOf<Source>(
  labels: readonly string[],
  rows: readonly Row<Source>[],
  sourcesOf: (readings: Readings) => Iterable<readonly [labels: readonly string[], source: Source]>,
): ReadFamily[] {
  return rows.map(([name, help, read]) => ({
    ...{ name, help, labels, type: typeOf(name) },
    *read(readings): Generator<Sample> {
      for (const [values, source] of sourcesOf(readings)) {
        const value = read(source);
        yield [values, typeof value === "boolean" ? Number(value) : value];
      }
    },
  }));
}

/** Families without labels, of something that there may be one of. */
export function single<Source>(
  rows: readonly Row<Source>[],
  sourceOf: (readings: Readings) => Source | undefined,
): ReadFamily[] {
  return familiesOf<Source>([], rows, (readings) => {
    const source = sourceOf(readings);
    return source === undefined ? [] : [[[], source]];
  });
}

/** Prometheus, "Metric and label naming": counters end in _total. Ours in _duration_seconds are histograms. */
function typeOf(name: string): MetricFamily["type"] {
  if (name.endsWith("_total")) return "counter";
  return name.endsWith("_duration_seconds") ? "histogram" : "gauge";
}
