/**
 * `npm run demo`: the story, told on a lab of this machine.
 *
 *     --check          all seven steps, then one line of JSON; exit status 0 or 1
 *     --one-process    both halves in one process
 *     --port PORT      where the cloud's API is reached from this machine while the demo stays up (8080)
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { messageOf } from "@loomstack/core";
import { exposeTcp } from "./expose-tcp.ts";
import { runInLab } from "./launch.ts";
import { openWorld, type OpenWorld } from "./story/open-world.ts";
import { tellStory } from "./story/tell.ts";
import { terminal } from "./story/terminal.ts";
import { terminalLogger } from "./terminal-logger.ts";
import { insideLab } from "./world.ts";

const { values: options } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    "one-process": { type: "boolean", default: false },
    port: { type: "string", default: "8080" },
  },
});
const write = (text: string): void => void process.stdout.write(text);

async function demo(): Promise<number> {
  const started = performance.now();
  await using world = await openWorld({ oneProcess: options["one-process"], logger: terminalLogger });
  write(`the lab is up after ${((performance.now() - started) / 1000).toFixed(1)} s\n\n`);
  const told = await tellStory(world, terminal(write), options.check);
  if (!told.ok) await showLogs(world);
  if (options.check) {
    await world[Symbol.asyncDispose]();
    write(`${JSON.stringify({ ok: told.ok, steps: told.steps })}\n`);
  } else if (told.ok) {
    await stayUp(world);
  }
  return told.ok ? 0 : 1;
}

/** The ends of the logs, for whoever has to find out what went wrong. */
async function showLogs({ controllerServer, cloudServer }: OpenWorld): Promise<void> {
  for (const { logFile } of new Set([controllerServer, cloudServer])) {
    const log = await readFile(logFile, "utf8").catch((error: unknown) => messageOf(error));
    process.stderr.write(`--- ${logFile}\n${log.split("\n").slice(-60).join("\n")}\n`);
  }
}

async function stayUp(world: OpenWorld): Promise<void> {
  await using cloud = await exposeTcp(Number(options.port), "127.0.0.1", Number(new URL(world.cloudServer.url).port));
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

process.exitCode = insideLab() ? await demo() : await runInLab(import.meta.url, process.argv.slice(2));
