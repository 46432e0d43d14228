/**
 * `npm run reliability`: what is lost, sent again and said when controllers, switches, databases and connections go.
 * Writes docs/reliability.md when all scenarios have run. Exit status 1 when something that has to be 0 isn't.
 *
 *     --only NAME,…    these scenarios alone, and no document
 *     --json           the measurements as JSON on standard output
 */
import { readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { messageOf, silentLogger } from "@loomstack/core";
import { runInLab } from "../launch.ts";
import { checkout } from "../paths.ts";
import { requireCommand } from "../process.ts";
import { insideLab } from "../world.ts";
import { measure, type Measurement } from "./measure.ts";
import { openReliabilityWorld } from "./reliability-world.ts";
import { reliabilityDocument, resultTable, type RunFacts } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

interface Options {
  readonly chosen: readonly Scenario[];
  readonly json: boolean;
}

const document = path.join(checkout, "docs/reliability.md");
const usage = `usage: npm run reliability -- [--json] [--only NAME,…]
scenarios: ${scenarios.map(({ name }) => name).join(", ")}`;

/** What the command line asks for; undefined, said on standard error, when it can't be read. */
function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({ options: { json: { type: "boolean", default: false }, only: { type: "string" } } });
    const names = values.only?.split(",") ?? scenarios.map(({ name }) => name);
    const unknown = names.find((name) => !scenarios.some((scenario) => scenario.name === name));
    if (unknown === undefined)
      return { json: values.json, chosen: scenarios.filter(({ name }) => names.includes(name)) };
    process.stderr.write(`there is no scenario ${unknown}\n`);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
  }
  process.stderr.write(`${usage}\n`);
  return undefined;
}

/** @returns the exit status */
async function run({ chosen, json }: Options): Promise<number> {
  const facts = await factsOfRun();
  const measurements = await measureAll(chosen);
  if (measurements.length === scenarios.length) await writeFile(document, reliabilityDocument(facts, measurements));
  process.stdout.write(json ? `${JSON.stringify({ ...facts, measurements })}\n` : `${resultTable(measurements)}\n`);
  const allRight = measurements.length === chosen.length && measurements.every(({ failures }) => failures.length === 0);
  return allRight ? 0 : 1;
}

/** Measures one after another, up to the first that leaves a world in which nothing more can be measured. */
async function measureAll(chosen: readonly Scenario[]): Promise<readonly Measurement[]> {
  await using world = await openReliabilityWorld(silentLogger);
  const measurements: Measurement[] = [];
  for (const scenario of chosen) {
    process.stderr.write(`${scenario.title} …\n`);
    try {
      const measurement = await measure(world, scenario);
      for (const failure of measurement.failures) process.stderr.write(`  WRONG: ${failure}\n`);
      measurements.push(measurement);
    } catch (error) {
      process.stderr.write(`  can't go on: ${messageOf(error)}\n${world.server.log()}\n`);
      break;
    }
  }
  return measurements;
}

async function factsOfRun(): Promise<RunFacts> {
  const { version } = JSON.parse(await readFile(path.join(checkout, "package.json"), "utf8")) as { version: string };
  const openVswitch = (await requireCommand("ovs-vswitchd", ["--version"])).split("\n")[0] ?? "";
  const machine = `Linux ${kernelVersion()}, ${os.availableParallelism()} processors`;
  return {
    date: new Date().toISOString().slice(0, 10),
    versions: `Loomstack ${version}, ${openVswitch}, Node.js ${process.versions.node}, ${machine}`,
  };
}

/** The kernel's version, without the name that whoever built it gave it. */
function kernelVersion(): string {
  return /^[\d.]+/.exec(os.release())?.[0] ?? os.release();
}

async function main(options: Options): Promise<number> {
  try {
    if (!insideLab()) return await runInLab(import.meta.url, process.argv.slice(2));
    return await run(options);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
}

const options = readOptions();
process.exitCode = options === undefined ? 2 : await main(options);
