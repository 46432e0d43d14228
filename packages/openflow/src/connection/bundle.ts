import { LoomstackError } from "@loomstack/core";
import type { ErrorBody } from "../of13/messages/error.ts";
import type { FlowMod } from "../of13/messages/flow-mod.ts";
import { KeptFlowMod } from "../of13/messages/kept-flow-mod.ts";
import { atomicAndOrdered, bundleControl, type Request } from "../of13/requests.ts";
import { formatFlowMod } from "../text/format-flow.ts";
import type { Dialect } from "../version/dialect.ts";
import { errorNameIn } from "../version/error-name.ts";

/** What applying a bundle needs of a connection. */
export interface BundleChannel {
  readonly peer: string;
  readonly dialect: Dialect;
  /** The first of `count` transaction ids in a row that nobody else uses. */
  reserveXids(count: number): number;
  /**
   * Sends messages as fast as the peer reads. Stops early, without an error, once `wanted` says so. The bytes of a message
   * have to stay as they are until the next one is asked for, and no longer.
   */
  sendAll(messages: Iterable<Uint8Array>, wanted: () => boolean): Promise<void>;
  request<Reply>(request: Request<Reply>): Promise<Reply>;
  /** Tells of errors that answer transactions from `first` to `last`. */
  watchErrors(first: number, last: number, tell: (xid: number, error: ErrorBody) => void): Disposable;
}

/**
 * Makes all changes at once, in their order, or none.
 *
 * The bundle is closed before it is committed: switches report a message that they can't take, but commit the others
 * all the same, so the commit has to wait until all messages are known to be in.
 *
 * @throws OPENFLOW__FLOW_REFUSED, OPENFLOW__REQUEST_REFUSED, OPENFLOW__UNSUPPORTED_REQUEST, OPENFLOW__REPLY_TIMEOUT,
 * OPENFLOW__CONNECTION_CLOSED
 */
export async function applyBundle(channel: BundleChannel, bundleId: number, mods: readonly FlowMod[]): Promise<void> {
  const firstXid = channel.reserveXids(mods.length);
  const refusals: LoomstackError[] = [];
  using _watch = channel.watchErrors(firstXid, firstXid + mods.length - 1, (xid, error) => {
    if (refusals.length === 0) refusals.push(flowRefused(channel, mods, xid - firstXid, error));
  });
  const filling = async (): Promise<void> => {
    await channel.sendAll(bundleMessages(channel.dialect, bundleId, firstXid, mods), () => refusals.length === 0);
    await channel.request(bundleControl(bundleId, "close"));
  };
  const [opened, filled] = await Promise.allSettled([channel.request(bundleControl(bundleId, "open")), filling()]);
  const failed = [opened, filled].find((step) => step.status === "rejected");
  if (refusals.length > 0 || failed !== undefined) {
    await discard(channel, bundleId);
    throw refusals[0] ?? failed?.reason;
  }
  try {
    await channel.request(bundleControl(bundleId, "commit"));
  } catch (error) {
    throw refusals[0] ?? error;
  }
}

function* bundleMessages(
  dialect: Dialect,
  bundleId: number,
  firstXid: number,
  mods: readonly FlowMod[],
): Generator<Uint8Array> {
  let xid = firstXid;
  for (const mod of mods) {
    yield mod instanceof KeptFlowMod && dialect.version === "1.3"
      ? withIds(
          mod.bundled(() => bundleMessage(dialect, 0, 0, mod)),
          bundleId,
          xid,
        )
      : bundleMessage(dialect, bundleId, xid, mod);
    xid += 1;
  }
}

/** A flow mod outside of a bundle. Its bytes have to be copied before the next one is made. */
export function flowModMessage(dialect: Dialect, mod: FlowMod, xid: number): Uint8Array {
  if (!(mod instanceof KeptFlowMod) || dialect.version !== "1.3") return dialect.encode(mod, xid);
  const message = mod.bundled(() => bundleMessage(dialect, 0, 0, mod)).subarray(bundledAt);
  setUint32(message, xidAt, xid);
  return message;
}

function bundleMessage(dialect: Dialect, bundleId: number, xid: number, mod: FlowMod): Uint8Array {
  const message = dialect.encode(mod, xid);
  return dialect.encode({ kind: "bundleAdd", bundleId, flags: atomicAndOrdered, message }, xid);
}

/** Writes ids into a message of a bundle: the message inside has the transaction id of the one around it. */
function withIds(message: Uint8Array, bundleId: number, xid: number): Uint8Array {
  setUint32(message, xidAt, xid);
  setUint32(message, bundleIdAt, bundleId);
  setUint32(message, bundledAt + xidAt, xid);
  return message;
}

/** As a DataView would, without making one for each message. */
function setUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Where in a message of a bundle its ids and the message inside are, in bytes (ONF extension 230). */
const xidAt = 4;
const bundleIdAt = 16;
const bundledAt = 24;

/** A switch that can't discard the bundle either forgets it after a while: the first error is the one that counts. */
async function discard(channel: BundleChannel, bundleId: number): Promise<void> {
  await Promise.allSettled([channel.request(bundleControl(bundleId, "discard"))]);
}

function flowRefused(
  { peer, dialect }: BundleChannel,
  mods: readonly FlowMod[],
  index: number,
  error: ErrorBody,
): LoomstackError {
  const mod = mods[index];
  const flow = mod === undefined ? "?" : formatFlowMod(mod);
  return new LoomstackError("OPENFLOW__FLOW_REFUSED", {
    peer,
    index,
    count: mods.length,
    flow,
    error: errorNameIn(dialect.version, error),
  });
}
