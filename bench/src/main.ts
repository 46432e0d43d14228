/**
 * `npm run bench`: side by side with peers, one line of JSON for each result on standard output, progress on standard
 * error. Exits with 0 when everything ran, whether or not goals were met.
 *
 *     npm run bench                    a short form of all
 *     npm run bench -- ovsdb           one, in full
 *     npm run bench -- ovsdb --only load -n 3
 *     npm run bench -- --list
 */
import { messageOf } from "@loomstack/core";
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import type { Benchmark } from "./benchmark.ts";
import { benchmarks } from "./benchmarks.ts";
import { measure } from "./measure.ts";
import { formatResult } from "./result.ts";

interface Choices {
  readonly only: readonly string[];
  readonly list?: true;
  readonly runs?: number;
}

const names = [...new Set(benchmarks.map(({ bench }) => bench))];
const metrics = [...new Set(benchmarks.flatMap((benchmark) => Object.keys(benchmark.metrics)))];
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => interruption.abort(signal));

await new Command("bench")
  .description("Runs benchmarks side by side with peers, and prints one line of JSON for each result.")
  .addArgument(new Argument("[name]", "the benchmark to run in full; default: a short form of all").choices(names))
  .addOption(
    new Option("--only <metric...>", "only what measures these metrics").choices(metrics).default([], "all of them"),
  )
  .addOption(new Option("-n, --runs <runs>", "how often each side runs").argParser(readRuns))
  .option("--list", "list the metrics, and run nothing")
  .action(async (name: string | undefined, choices: Choices) => {
    const chosen = benchmarks.filter((benchmark) => isChosen(benchmark, name, choices.only));
    if (choices.list === true) return chosen.forEach(list);
    try {
      for (const benchmark of chosen) await run(benchmark, name === undefined, choices);
    } catch (error) {
      process.stderr.write(`${messageOf(error)}\n`);
      process.exitCode = interruption.signal.aborted ? 130 : 1;
    }
  })
  .parseAsync();

function isChosen(benchmark: Benchmark, name: string | undefined, only: readonly string[]): boolean {
  if (name !== undefined && benchmark.bench !== name) return false;
  return only.length === 0 || only.some((metric) => Object.hasOwn(benchmark.metrics, metric));
}

async function run(benchmark: Benchmark, isShort: boolean, { only, runs }: Choices): Promise<void> {
  const { signal } = interruption;
  const progress = (text: string): void => void process.stderr.write(`${text}\n`);
  progress(`${benchmark.bench} ${Object.keys(benchmark.metrics).join(", ")}: preparing`);
  await using rig = await benchmark.prepare(isShort ? "short" : "full");
  signal.throwIfAborted();
  const defaultRuns = isShort ? 1 : benchmark.runs;
  const results = await measure(benchmark, rig, { runs: runs ?? defaultRuns, signal, onProgress: progress });
  for (const result of results) {
    if (only.length === 0 || only.includes(result.metric)) process.stdout.write(`${formatResult(result)}\n`);
  }
}

function list({ bench, metrics: declared, peer = "no peer" }: Benchmark): void {
  for (const [name, { unit, better, goal }] of Object.entries(declared)) {
    const aim = goal === undefined ? "" : `, goal ${goal}`;
    process.stdout.write(`${bench} ${name}: ${unit}, ${better} is better${aim}, ${peer}\n`);
  }
}

function readRuns(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a number from 1 to 9999.");
}
