import { LoomstackError } from "@loomstack/core";
import type { ErrorBody } from "../of13/messages/error.ts";
import type { FlowMod } from "../of13/messages/flow-mod.ts";
import type { Message } from "../of13/messages.ts";
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
  /** Sends messages as fast as the peer reads. Stops early, without an error, once `wanted` says so. */
  sendAll(
    messages: Iterable<{ readonly message: Message; readonly xid: number }>,
    wanted: () => boolean,
  ): Promise<void>;
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
): Generator<{ readonly message: Message; readonly xid: number }> {
  for (const [index, mod] of mods.entries()) {
    const xid = firstXid + index;
    yield { message: { kind: "bundleAdd", bundleId, flags: atomicAndOrdered, message: dialect.encode(mod, xid) }, xid };
  }
}

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
