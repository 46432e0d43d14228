import { backoffDelayMs, type BackoffPolicy, type ErrorCode, isLoomstackError } from "@loomstack/core";
import type { SwitchConnection } from "@loomstack/openflow";
import type { CommandIo } from "../../io.ts";
import type { SwitchOptions } from "./options.ts";
import { untilEnded, withSwitch } from "./switch.ts";

/** As that of Open vSwitch's own connections. */
const redial: BackoffPolicy = { firstMs: 1_000, limitMs: 8_000 };

/** What ends a connection without saying that the next one ends as well. */
const losses: readonly ErrorCode[] = [
  "OPENFLOW__CONNECT_FAILED",
  "OPENFLOW__CONNECTION_CLOSED",
  "OPENFLOW__HANDSHAKE_TIMEOUT",
  "OPENFLOW__PEER_SILENT",
  "OPENFLOW__REPLY_TIMEOUT",
];

/**
 * Lets `begin` start its work on a switch, and again on each new connection when one has ended, until the command ends.
 * Outages are told on standard error, once each.
 *
 * @throws what withSwitch and `begin` throw, but once there has been a connection not that it was lost
 */
export async function onSwitchWhileRunning(
  io: CommandIo,
  remote: string,
  options: SwitchOptions,
  begin: (connection: SwitchConnection, listening: DisposableStack) => Promise<void>,
): Promise<never> {
  const state = { hasBegun: false, failures: 0 };
  for (;;) {
    try {
      await withSwitch(io, remote, options, async (connection) => {
        using listening = new DisposableStack();
        await begin(connection, listening);
        Object.assign(state, { hasBegun: true, failures: 0 });
        await untilEnded(connection, io.signal);
      });
    } catch (error) {
      io.signal.throwIfAborted();
      if (!state.hasBegun || !isLoomstackError(error) || !losses.includes(error.code)) throw error;
      state.failures += 1;
      if (state.failures === 1) io.note(`${error.message}; trying again`);
    }
    await pause(io, backoffDelayMs(redial, state.failures, Math.random));
  }
}

/** @throws why the command shall end */
async function pause({ clock, signal }: CommandIo, delayMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", abort);
  using _timer = clock.after(delayMs, () => resolve(undefined));
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
