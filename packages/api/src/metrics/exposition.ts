/**
 * The text format 0.0.4 in which Prometheus reads metrics.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { HistogramReading } from "@loomstack/core";

export const contentType = "text/plain; version=0.0.4; charset=utf-8";

export interface MetricFamily {
  readonly name: string;
  readonly type: "gauge" | "counter" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
}

/** The values of a family's labels, in their order, and what was measured for them. */
export type Sample = readonly [labels: readonly string[], value: number | HistogramReading];

/** A family with its samples; without any its head alone, which Prometheus takes for a family that is known. */
export function formatFamily({ name, type, help, labels }: MetricFamily, samples: Iterable<Sample>): string {
  const head = `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n`;
  let text = head;
  for (const [values, value] of samples) {
    const pairs = labels.map((label, index) => `${label}="${escapeValue(values[index] ?? "")}"`);
    text += typeof value === "number" ? line(name, pairs, value) : histogramLines(name, pairs, value);
  }
  return text;
}

function histogramLines(
  name: string,
  pairs: readonly string[],
  { boundsSec, counts, sumSec }: HistogramReading,
): string {
  let text = "";
  let count = 0;
  for (const [index, inBucket] of counts.entries()) {
    count += inBucket;
    text += line(`${name}_bucket`, [...pairs, `le="${boundsSec[index] ?? "+Inf"}"`], count);
  }
  return text + line(`${name}_sum`, pairs, sumSec) + line(`${name}_count`, pairs, count);
}

function line(name: string, pairs: readonly string[], value: number): string {
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`;
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
