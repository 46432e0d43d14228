/**
 * The process, as `main.ts --config FILE` starts it. Exit status 0 after SIGINT or SIGTERM, 1 when
 * it can't start or can't go on, 2 when it is called wrongly. A second signal ends it at once: what was acknowledged is
 * on disk.
 */
import { parseArgs } from "node:util";
import { messageOf } from "@loomstack/core";
import type { Logger as Pino } from "pino";
import { compose, type Server } from "./compose.ts";
import { readConfig } from "./config.ts";
import { createServerLog } from "./server-log.ts";

const usage = `usage: ${process.argv[1] ?? "main.ts"} --config FILE`;

function configFile(): string | undefined {
  try {
    const { values } = parseArgs({ options: { config: { type: "string" } } });
    if (values.config !== undefined) return values.config;
  } catch (error) {
    process.stderr.write(`loomstack: ${messageOf(error)}\n`);
  }
  process.stderr.write(`${usage}\n`);
  return undefined;
}

async function run(file: string): Promise<void> {
  const config = await readConfig(file);
  const log = createServerLog(config.log);
  endOnUncaught(log);
  const server = await compose(config, log);
  log.info({ url: server.url, halves: config.halves }, "ready");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop(server, signal, log));
}

/**
 * A failure that nobody handles leaves the process in a state that nobody knows: it ends, and starts anew from what is
 * stored.
 */
function endOnUncaught(log: Pino): void {
  process.on("uncaughtException", (error) => {
    log.fatal({ error }, "uncaught");
    process.exit(1);
  });
}

function stop(server: Server, signal: NodeJS.Signals, log: Pino): void {
  log.info({ signal }, "stopping");
  server[Symbol.asyncDispose]().then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ error }, "stopping failed");
      process.exit(1);
    },
  );
}

const file = configFile();
if (file === undefined) process.exitCode = 2;
else {
  try {
    await run(file);
  } catch (error) {
    process.stderr.write(`loomstack: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
