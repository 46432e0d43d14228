import { styleText } from "node:util";
import type { Logger } from "@loomstack/core";

const line = (fields: object, message: string): void => {
  const details = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
  process.stderr.write(`${styleText("dim", `· ${[message, ...details].join(" ")}`)}\n`);
};

const withFields = (common: object): Logger => ({
  debug() {},
  info: (fields, message) => line({ ...common, ...fields }, message),
  warn: (fields, message) => line({ ...common, ...fields }, message),
  error: (fields, message) => line({ ...common, ...fields }, message),
  child: (fields) => withFields({ ...common, ...fields }),
});

/** Shows a person what the lab does, a line each, on standard error. */
export const terminalLogger: Logger = withFields({});
