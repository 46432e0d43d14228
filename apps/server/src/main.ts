import { parseArgs } from "node:util";
import { isLoomstackError, messageOf } from "@loomstack/core";
import { pino } from "pino";
import { compose } from "./compose.ts";
import { readConfig } from "./config.ts";

const usage = "usage: node apps/server/src/main.ts --config FILE";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: "string" } } });
  if (values.config === undefined) {
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
    return;
  }
  const config = await readConfig(values.config);
  const logger = pino({ level: config.log.level, base: null, serializers: { error: describeError } });
  // A failure that nobody handles leaves the process in a state that nobody knows: it ends, and starts anew from what
  // is stored.
  process.on("uncaughtException", (error) => {
    logger.fatal({ error }, "uncaught");
    process.exit(1);
  });
  const server = await compose(config, logger);
  logger.info({ url: server.url, halves: config.halves }, "ready");
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      logger.info({ signal }, "stopping");
      server[Symbol.asyncDispose]().then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ error: messageOf(error) }, "stopping failed");
          process.exit(1);
        },
      );
    });
  }
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const isBug = !isLoomstackError(error) || error.blame === "bug";
  return {
    message: error.message,
    ...(isLoomstackError(error) && { code: error.code }),
    ...(isBug && { stack: error.stack }),
  };
}

try {
  await main();
} catch (error) {
  process.stderr.write(`loomstack: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
