/**
 * Fuzzes the decoders of all versions by coverage: mutates messages that are known to be good, keeps what reaches
 * something new, and leaves the shortest inputs that together reach it all in vectors/corpus.
 *
 *   node packages/openflow/scripts/fuzz.ts [seconds] [seed]
 *
 * What an input reaches is the blocks of our code that it runs (as V8 counts them), and, because most of this package is
 * declarations, the declarations: the properties and kinds of the message that it is, or why it is refused, and where.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Session } from "node:inspector";
import { decodeMessage, type Message } from "../src/of13/messages.ts";
import { dialectOf } from "../src/version/dialect.ts";
import { checkRoundTrip, dialectOfBytes, type Outcome } from "../src/version/round-trip.check.ts";
import { Mutator } from "./mutator.ts";
import { sampleMessages } from "./sample-messages.ts";

const vectors = path.resolve(import.meta.dirname, "../vectors");
const corpusFolder = path.join(vectors, "corpus");
const batchSize = 400;
/** The corpus is for people to keep: larger inputs are mutated, but not kept, and of each version not more than these. */
const mostKeptBytes = 400;
const roomForMessages = 70_000;
const roomForRefused = 20_000;
/** An input that takes longer is a finding. */
const mostMs = 1000;
const corpusNames = { "1.0": "of10", "1.3": "of13", "1.5": "of15" } as const;

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? 1);

interface Kept {
  readonly bytes: Uint8Array;
  readonly isMessage: boolean;
  readonly features: ReadonlySet<string>;
}

/** The blocks of our own code that have run since the last question. */
class BlockCoverage implements Disposable {
  readonly #session = new Session();
  readonly total = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  take(): readonly string[] {
    const blocks: string[] = [];
    this.#session.post("Profiler.takePreciseCoverage", (error, answer) => {
      if (error !== null) throw error;
      for (const { url, functions } of answer.result) {
        const file = /packages\/((?:openflow|wire)\/src\/.*)$/.exec(url)?.[1];
        if (file === undefined) continue;
        for (const { ranges } of functions) {
          for (const { startOffset, endOffset, count } of ranges) {
            const block = `${file}:${startOffset}-${endOffset}`;
            this.total.add(block);
            if (count > 0) blocks.push(block);
          }
        }
      }
    });
    return blocks;
  }

  [Symbol.dispose](): void {
    this.#session.disconnect();
  }

  #post(method: "Profiler.enable"): void {
    this.#session.post(method);
  }
}

/** The declarations that an outcome shows to have been used. */
function featuresOf(bytes: Uint8Array, outcome: Outcome): Set<string> {
  const features = new Set<string>();
  const { version } = dialectOfBytes(bytes);
  if (outcome.kind === "refused") {
    // The last two names of a path say where; how it was come to would be a feature for each combination.
    const text = outcome.text
      .replaceAll(/0x[0-9a-f]+|\[\d+\]|\d+/g, "")
      .replace(/^message(?:\.\w+)*?((?:\.\w+){0,2}) /, "$1 ");
    features.add(`${version} ${outcome.code} ${text}`);
    return features;
  }
  const walk = (value: unknown, where: string): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, where);
    else if (value instanceof Uint8Array || typeof value !== "object" || value === null) features.add(where);
    else {
      const kind = "kind" in value && typeof value.kind === "string" ? value.kind : "";
      for (const [key, member] of Object.entries(value)) walk(member, `${kind === "" ? where : kind}.${key}`);
      features.add(`${where}=${kind}`);
    }
  };
  walk(outcome.message, version);
  return features;
}

class Fuzzer {
  readonly seen = new Set<string>();
  readonly blocks = new Set<string>();
  readonly findings = new Map<string, string>();
  readonly outcomes = new Map<string, number>();
  readonly pool: Kept[] = [];
  readonly coverage = new BlockCoverage();
  runs = 0;
  slowestMs = 0;

  run(bytes: Uint8Array): ReadonlySet<string> {
    const startMs = performance.now();
    const outcome = this.check(bytes);
    const ms = performance.now() - startMs;
    this.slowestMs = Math.max(this.slowestMs, ms);
    if (ms > mostMs) this.findings.set("slow", `${ms} ms for ${Buffer.from(bytes).toString("hex")}`);
    this.runs++;
    const label = outcome.kind === "message" ? "message" : outcome.code;
    this.outcomes.set(label, (this.outcomes.get(label) ?? 0) + 1);
    return featuresOf(bytes, outcome);
  }

  /** What is wrong is noted once for each place that it was thrown at, and the rest goes on. */
  check(bytes: Uint8Array): Outcome {
    try {
      return checkRoundTrip(bytes);
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      const place = text.split("\n").find((line) => line.includes(" at ")) ?? text;
      this.findings.set(place, `${text}\n  ${Buffer.from(bytes).toString("hex")}`);
      return { kind: "refused", code: "FINDING", text: place };
    }
  }

  /** Runs inputs, and keeps those that reach something new. */
  batch(inputs: readonly Uint8Array[]): void {
    for (const bytes of inputs) {
      const features = this.run(bytes);
      if ([...features].some((feature) => !this.seen.has(feature))) this.keep(bytes, features);
    }
    if (this.coverage.take().some((block) => !this.blocks.has(block))) this.findNewBlocks(inputs);
  }

  keep(bytes: Uint8Array, features: ReadonlySet<string>): void {
    for (const feature of features) this.seen.add(feature);
    this.pool.push({ bytes, features, isMessage: this.check(bytes).kind === "message" });
  }

  /** One of the inputs has run a block that none has run before: halves the inputs until it is found. */
  findNewBlocks(inputs: readonly Uint8Array[]): void {
    const [first] = inputs;
    if (inputs.length > 1) {
      for (const half of [inputs.slice(0, inputs.length / 2), inputs.slice(inputs.length / 2)]) {
        for (const bytes of half) this.run(bytes);
        if (this.coverage.take().some((block) => !this.blocks.has(block))) this.findNewBlocks(half);
      }
    } else if (first !== undefined) {
      const features = new Set(this.run(first));
      const fresh = this.coverage.take().filter((block) => !this.blocks.has(block));
      for (const block of fresh) {
        this.blocks.add(block);
        features.add(block);
      }
      if (fresh.length > 0) this.keep(first, features);
    }
  }
}

/** Messages in the bytes of every version that can say them. */
function inAllVersions(messages: readonly Message[]): Uint8Array[] {
  return messages.flatMap((message) =>
    (["1.0", "1.3", "1.5"] as const).flatMap((version) => {
      try {
        return [dialectOf(version, { flowModTableId: true }).encode(message, 1)];
      } catch {
        return [];
      }
    }),
  );
}

function seeds(): Uint8Array[] {
  const files = readdirSync(vectors, { recursive: true, encoding: "utf8" });
  const golden = files
    .filter((file) => file.endsWith(".vec"))
    .map((file) => readFileSync(path.join(vectors, file), "utf8").split("\n---\n")[0] ?? "")
    .map((text) => Buffer.from(text.replaceAll(/#.*/g, "").replaceAll(/\s/g, ""), "hex"));
  const older = files
    .filter((file) => file.endsWith(".hex"))
    .flatMap((file) => readFileSync(path.join(vectors, file), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => Buffer.from(line, "hex"));
  const of13 = golden.filter((bytes) => bytes[0] === 4).map((bytes) => decodeMessage(bytes).message);
  return [...golden, ...older, ...inAllVersions([...of13, ...sampleMessages])].map((bytes) => Uint8Array.from(bytes));
}

/** Few and short inputs that reach everything that any does, as far as there is room for them. */
function cover(pool: readonly Kept[], bytesOfText: number): readonly Uint8Array[] {
  const times = new Map<string, number>();
  const count = (features: ReadonlySet<string>, by: number): void => {
    for (const feature of features) times.set(feature, (times.get(feature) ?? 0) + by);
  };
  const chosen: Kept[] = [];
  let room = bytesOfText;
  const candidates = pool.filter(({ bytes }) => bytes.byteLength <= mostKeptBytes);
  for (const kept of candidates.sort((a, b) => a.bytes.byteLength - b.bytes.byteLength)) {
    if ([...kept.features].every((feature) => (times.get(feature) ?? 0) > 0)) continue;
    count(kept.features, 1);
    chosen.push(kept);
  }
  // What later inputs reach as well needs no input of its own.
  const needed = chosen.filter(({ features }) => {
    if ([...features].some((feature) => times.get(feature) === 1)) return true;
    count(features, -1);
    return false;
  });
  return needed.map(({ bytes }) => bytes).filter(({ byteLength }) => (room -= 2 * byteLength + 1) > 0);
}

const fuzzer = new Fuzzer();
const mutator = new Mutator(seed);
const start = seeds();
for (let at = 0; at < start.length; at += batchSize) fuzzer.batch(start.slice(at, at + batchSize));
const cpu = (): number => process.cpuUsage().user / 1e6;
const untilSec = cpu() + seconds;
let toldSec = cpu();
while (cpu() < untilSec) {
  const inputs = Array.from({ length: batchSize }, () => {
    const bytes = mutator.pick(fuzzer.pool).bytes;
    return mutator.mutate(bytes, mutator.pick(fuzzer.pool).bytes);
  });
  fuzzer.batch(inputs);
  if (cpu() - toldSec < 30) continue;
  toldSec = cpu();
  console.log(`${fuzzer.runs} runs, ${fuzzer.pool.length} kept, ${fuzzer.seen.size} features`);
}
for (const finding of fuzzer.findings.values()) console.error(finding);
if (fuzzer.findings.size > 0) process.exitCode = 1;
const kept: Uint8Array[] = [];
mkdirSync(corpusFolder, { recursive: true });
for (const [version, name] of Object.entries(corpusNames)) {
  const pool = fuzzer.pool.filter(({ bytes }) => dialectOfBytes(bytes).version === version);
  const [messages, refused] = [pool.filter(({ isMessage }) => isMessage), pool.filter(({ isMessage }) => !isMessage)];
  const inputs = [...cover(messages, roomForMessages), ...cover(refused, roomForRefused)];
  const lines = new Set(inputs.map((bytes) => Buffer.from(bytes).toString("hex")));
  writeFileSync(path.join(corpusFolder, `${name}.hex`), `${[...lines].sort().join("\n")}\n`);
  kept.push(...inputs);
}
console.log(
  JSON.stringify(
    {
      ...{ seconds, seed, seeds: start.length, runs: fuzzer.runs, slowestMs: Math.round(fuzzer.slowestMs) },
      ...{ features: fuzzer.seen.size, blocks: fuzzer.blocks.size, ofBlocks: fuzzer.coverage.total.size },
      ...{ corpus: kept.length, corpusBytes: kept.reduce((sum, { byteLength }) => sum + 2 * byteLength + 1, 0) },
      outcomes: Object.fromEntries(fuzzer.outcomes),
    },
    undefined,
    2,
  ),
);
