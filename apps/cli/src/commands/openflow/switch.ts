import { LoomstackError, silentLogger } from "@loomstack/core";
import { connectToSwitch, type FlowNames, type SwitchConnection } from "@loomstack/openflow";
import type { CommandIo } from "../../io.ts";
import { readTlsFiles } from "../connection-options.ts";
import type { SwitchOptions } from "./options.ts";

/**
 * Connects to a switch, lets `use` work on it, and ends the connection.
 *
 * @throws CLI__USAGE, CLI__FILE_UNREADABLE, and what connectToSwitch and `use` throw
 */
export async function withSwitch<T>(
  io: CommandIo,
  remote: string,
  options: SwitchOptions,
  use: (connection: SwitchConnection) => Promise<T>,
): Promise<T> {
  const tls = await readTlsFiles(options);
  if (tls === undefined && remote.startsWith("ssl:")) {
    throw new LoomstackError("CLI__USAGE", {
      reason: `${remote} needs a key, a certificate and a CA certificate (-p, -c, -C)`,
    });
  }
  const connection = await connectToSwitch({
    remote,
    ...(tls === undefined ? {} : { tls }),
    versions: options.protocols ?? ["1.0", "1.3"],
    clock: io.clock,
    logger: silentLogger,
    signal: io.signal,
  });
  // Ends everything that waits for the switch.
  const close = (): void => connection.close("the command has ended");
  io.signal.addEventListener("abort", close);
  try {
    io.signal.throwIfAborted();
    return await use(connection);
  } finally {
    io.signal.removeEventListener("abort", close);
    close();
  }
}

/** The names to print, as far as they are asked for. */
export function namesOf({ ports }: SwitchConnection, { names }: SwitchOptions): FlowNames {
  if (names !== true) return {};
  return { port: (number) => ports.get(number)?.name ?? number.toString() };
}

/** @throws why the command shall end, or what has ended the connection */
export async function untilEnded(connection: SwitchConnection, signal: AbortSignal): Promise<never> {
  const reason = await connection.closed;
  signal.throwIfAborted();
  const { remoteAddress: peer } = connection;
  throw reason ?? new LoomstackError("OPENFLOW__CONNECTION_CLOSED", { peer, reason: "it was closed" });
}
