/**
 * `npm run bench`: side by side with peers, one line of JSON for each result on standard output, progress on standard
 * error. Exits with 0 when everything ran, whether or not goals were met.
 *
 *     npm run bench                    a short form of all
 *     npm run bench -- ovsdb           one, in full
 *     npm run bench -- ovsdb --only load -n 3
 *     npm run bench -- fabric --hypervisors 20 --ports 50 --networks 40 --spread local
 *     npm run bench -- --list
 */
import { messageOf } from "@loomstack/core";
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import type { Benchmark } from "./benchmark.ts";
import { listBenchmarks } from "./benchmarks.ts";
import type { FabricChoices } from "./fabric/choices.ts";
import { measure } from "./measure.ts";
import { works } from "./fabric/work.ts";
import { formatResult } from "./result.ts";

interface Choices extends FabricChoices {
  readonly only: readonly string[];
  readonly list?: true;
  readonly runs?: number;
}

const benchmarks = listBenchmarks({});
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
  .addOption(new Option("--work <name>", "fabric: a work that peers were measured with").choices(Object.keys(works)))
  .addOption(new Option("--hypervisors <number>", "fabric: the size of another work").argParser(readSize))
  .addOption(new Option("--ports <number>", "fabric: on each hypervisor").argParser(readSize))
  .addOption(new Option("--networks <number>", "fabric: of all hypervisors together").argParser(readSize))
  .addOption(new Option("--spread <spread>", "fabric: networks everywhere, or on few").choices(["full", "local"]))
  .option("--fake", "fabric: on hypervisors that are played, as many as the machine couldn't run")
  .option("--profile <folder>", "fabric: leave processor profiles of the controller there")
  .action(async (name: string | undefined, choices: Choices) => {
    try {
      const chosen = listBenchmarks(choices).filter((benchmark) => isChosen(benchmark, name, choices.only));
      if (choices.list === true) return chosen.forEach(list);
      for (const benchmark of chosen) await run(benchmark, name === undefined, choices);
    } catch (error) {
      // What ends because of an interruption has nothing else to say.
      process.stderr.write(`${interruption.signal.aborted ? "interrupted" : messageOf(error)}\n`);
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

function readSize(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a number from 1 to 99999.");
}

function readRuns(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give a number from 1 to 9999.");
}
