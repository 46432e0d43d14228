/** Reads the text format 0.0.4 as strictly as it is described, for tests. */

export interface ReadFamily {
  readonly type: string;
  readonly samples: Map<string, number>;
}

const nameText = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const labelText = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const sampleLine = new RegExp(`^(${nameText})(\\{(${labelText}(?:,${labelText})*)\\})? (\\S+)$`);
const suffixes: Readonly<Record<string, readonly string[]>> = {
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
};

/** The families of a text by name. @throws TypeError for the first line that breaks a rule */
export function parseExposition(text: string): Map<string, ReadFamily> {
  if (!text.endsWith("\n")) throw new TypeError("the last line has no end");
  const families = new Map<string, ReadFamily>();
  let current: { name: string; family: ReadFamily } | undefined;
  for (const line of text.split("\n")) {
    const broken = (reason: string): TypeError => new TypeError(`${reason}: ${line}`);
    const [, help] = new RegExp(`^# HELP (${nameText}) (?:[^\\\\]|\\\\[\\\\n])*$`).exec(line) ?? [];
    const [, name, type] = new RegExp(`^# TYPE (${nameText}) (counter|gauge|histogram|summary)$`).exec(line) ?? [];
    if (line === "" || help !== undefined) continue;
    if (name !== undefined && type !== undefined) {
      if (families.has(name)) throw broken("a family comes twice");
      current = { name, family: { type, samples: new Map() } };
      families.set(name, current.family);
      continue;
    }
    const [, sample, , labels = "", value] = sampleLine.exec(line) ?? [];
    if (sample === undefined || value === undefined) throw broken("this is no line of the format");
    const number = value === "+Inf" ? Infinity : Number(value);
    if (Number.isNaN(number) && value !== "NaN") throw broken("this is no number");
    const allowed = (suffixes[current?.family.type ?? ""] ?? [""]).map((suffix) => `${current?.name}${suffix}`);
    if (current === undefined || !allowed.includes(sample)) throw broken("this sample is of no family, or of another");
    const key = `${sample}{${labels}}`;
    if (current.family.samples.has(key)) throw broken("a sample comes twice");
    current.family.samples.set(key, number);
  }
  for (const [name, { type, samples }] of families) if (type === "histogram") checkHistogram(name, samples);
  return families;
}

/** Buckets never fall, and the last one has all. */
function checkHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  const last = new Map<string, number>();
  for (const [key, value] of samples) {
    const [, labels, bound] = /_bucket\{(.*?),?le="([^"]+)"\}$/.exec(key) ?? [];
    if (labels === undefined) continue;
    if (value < (last.get(labels) ?? 0)) throw new TypeError(`buckets fall: ${key}`);
    last.set(labels, value);
    if (bound === "+Inf" && samples.get(`${name}_count{${labels}}`) !== value)
      throw new TypeError(`the last bucket hasn't all: ${key}`);
  }
}
