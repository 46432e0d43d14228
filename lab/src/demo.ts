/**
 * `npm run demo`: the story, told on a lab of this machine.
 *
 *     --check          all seven steps, then one line of JSON; exit status 0 or 1
 *     --one-process    both halves in one process
 *     --port PORT      where the cloud's API is reached from this machine while the demo stays up (8080)
 */
import { parseArgs } from "node:util";
import { messageOf } from "@loomstack/core";
import { exposeTcp } from "./expose-tcp.ts";
import { runInLab } from "./launch.ts";
import { openWorld, type OpenWorld } from "./story/open-world.ts";
import { tellStory, type Told } from "./story/tell.ts";
import { terminal } from "./story/terminal.ts";
import { terminalLogger } from "./terminal-logger.ts";
import { insideLab } from "./world.ts";

interface DemoOptions {
  readonly check: boolean;
  readonly oneProcess: boolean;
  readonly port: number;
}

const usage = "usage: npm run demo -- [--check] [--one-process] [--port PORT]";
const write = (text: string): void => void process.stdout.write(text);

/** What the command line asks for; undefined, said on standard error, when it can't be read. */
function readOptions(): DemoOptions | undefined {
  try {
    const { values } = parseArgs({
      options: {
        check: { type: "boolean", default: false },
        "one-process": { type: "boolean", default: false },
        port: { type: "string", default: "8080" },
      },
    });
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : 65_536;
    if (port <= 65_535) return { check: values.check, oneProcess: values["one-process"], port };
    process.stderr.write(`${values.port} is not a TCP port\n`);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
  }
  process.stderr.write(`${usage}\n`);
  return undefined;
}

/** Tells the story in the lab. @returns whether it was true */
async function demo(options: DemoOptions): Promise<boolean> {
  const started = performance.now();
  await using world = await openWorld({ oneProcess: options.oneProcess, logger: terminalLogger });
  write(`the lab is up after ${((performance.now() - started) / 1000).toFixed(1)} s\n\n`);
  const told = await tellStory(world, terminal(write), options.check);
  if (!told.ok) showLogs(world);
  if (options.check) {
    await world[Symbol.asyncDispose]();
    writeVerdict(told);
  } else if (told.ok) {
    await stayUp(world, options.port);
  }
  return told.ok;
}

/** The last line of `--check`. */
function writeVerdict({ ok, steps }: Told): void {
  write(`${JSON.stringify({ ok, steps })}\n`);
}

/** The ends of the logs, for whoever has to find out what went wrong. */
function showLogs({ controllerServer, cloudServer }: OpenWorld): void {
  for (const server of new Set([controllerServer, cloudServer]))
    process.stderr.write(`--- the end of the log of ${server.name}\n${server.log()}\n`);
}

async function stayUp(world: OpenWorld, port: number): Promise<void> {
  await using cloud = await exposeTcp(port, "127.0.0.1", Number(new URL(world.cloudServer.url).port));
  const separate = world.controllerServer !== world.cloudServer;
  await using controller = separate
    ? await exposeTcp(0, "127.0.0.1", Number(new URL(world.controllerServer.url).port))
    : undefined;
  const administrator = await world.cloudServer.administrator();
  const operator = await world.controllerServer.administrator();
  write(
    [
      "It stays up until you press Ctrl-C.",
      `  CloudStack API   http://127.0.0.1:${cloud.port}/client/api`,
      `    api key        ${administrator.apiKey}`,
      `    secret key     ${administrator.secretKey}`,
      `    try            CLOUDSTACK_ENDPOINT=http://127.0.0.1:${cloud.port}/client/api CLOUDSTACK_KEY=… CLOUDSTACK_SECRET=… cs listVirtualMachines`,
      `  controller API   http://127.0.0.1:${(controller ?? cloud).port}`,
      `    user           ${operator.name}`,
      `    password       ${operator.password}`,
      `    try            curl -u ${operator.name}:… http://127.0.0.1:${(controller ?? cloud).port}/api/v1/hypervisors`,
      "",
    ].join("\n"),
  );
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  write("\ncleaning up …\n");
}

/** @returns the exit status */
async function main(options: DemoOptions): Promise<number> {
  try {
    if (!insideLab()) return await runInLab(import.meta.url, process.argv.slice(2));
    return (await demo(options)) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    if (options.check) writeVerdict({ ok: false, steps: [] });
    return 1;
  }
}

const options = readOptions();
process.exitCode = options === undefined ? 2 : await main(options);
