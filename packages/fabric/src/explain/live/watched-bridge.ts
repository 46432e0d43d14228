/** Puts the flows that watch into one bridge, and takes them away. No switch may hold up the others. */
import { type Clock, messageOf } from "@loomstack/core";
import type { UnwatchedBridge } from "@loomstack/model";
import type { ExplainedConnection } from "../explained-hypervisor.ts";
import { unwatching, watchingFlows, type WatchPlace } from "./watching-flows.ts";

export interface WatchedBridge {
  readonly place: WatchPlace;
  readonly connection: ExplainedConnection;
  /** With their numbers in the trace. */
  readonly places: readonly (readonly [number, WatchPlace])[];
}

/** What watches stays for 10 s: whoever takes longer than this to answer would have the others' go before the packet comes. */
const limitMs = 2_000;

/** Gives what can't be watched, with the reason: a switch may refuse, because its tables are full, or not answer. */
export async function watch(clock: Clock, trace: number, bridge: WatchedBridge): Promise<UnwatchedBridge[]> {
  const reason = await failureOf(clock, bridge.connection.applyBundle(watchingFlows(trace, bridge.places)));
  const { hypervisor, bridge: name } = bridge.place;
  return reason === undefined ? [] : [{ hypervisor, bridge: name, reason }];
}

/** Where it fails, the time limit of the flows takes them. */
export async function unwatch(clock: Clock, trace: number, { connection }: WatchedBridge): Promise<void> {
  await failureOf(clock, connection.apply([unwatching(trace)]));
}

/** Why it isn't done in time, or undefined when it is. */
async function failureOf(clock: Clock, done: Promise<void>): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  using _limit = clock.after(limitMs, () => resolve(`it hasn't answered within ${limitMs / 1_000} s`));
  done.then(
    () => resolve(undefined),
    (error: unknown) => resolve(messageOf(error)),
  );
  return await promise;
}
