/**
 * Flows that are there for the seconds of a live trace: one in each table that the packet may come to, before all others.
 * Each shows the packet to the controller, and has the same table look it up again, where it is passed over then, so that
 * the packet takes the very flow that it would have taken. They have no cookie of ours: they are no part of what should be
 * there. Their time limit takes them where nobody else does.
 */
import { type Action, allTables, type Flow, type FlowMod, flowMod, Port } from "@loomstack/openflow";
import { isWatchCookie, watchCookies } from "../../pipeline/cookies.ts";
import { registers } from "../../pipeline/registers.ts";
import type { BridgeName } from "../../pipeline/tables.ts";
import type { Watched } from "./mark.ts";

/** A table of a bridge, and what is watched for in it. */
export interface WatchPlace {
  readonly hypervisor: string;
  readonly bridge: BridgeName;
  readonly tableId: number;
  readonly watched: Watched;
  /** Whether the packet ends here: it is shown, and goes no further. */
  readonly isLast: boolean;
}

/** How long a flow stays where nobody removes it. */
const limitSec = 10;
const highestPriority = 0xffff;
/** As much of a packet as has its nonce, also inside of an ICMP error. */
const shownBytes = 192;
const mostTables = 32;

/** The cookie of place number `index` of a trace, whose number has 24 bits. */
export function watchCookie(trace: number, index: number): bigint {
  return watchCookies.cookie | (BigInt(trace) << 24n) | BigInt(index);
}

/** The number of the trace, and of the place in it, that a cookie stands for. */
export function readWatchCookie(cookie: bigint): { readonly trace: number; readonly index: number } | undefined {
  if (!isWatchCookie(cookie)) return undefined;
  return { trace: Number((cookie >> 24n) & 0xff_ffffn), index: Number(cookie & 0xff_ffffn) };
}

/** @param places of one bridge, with their numbers in the trace */
export function watchingFlows(trace: number, places: readonly (readonly [number, WatchPlace])[]): FlowMod[] {
  const tables = [...new Set(places.map(([, { tableId }]) => tableId))].sort((a, b) => a - b).slice(0, mostTables);
  return places.flatMap(([index, { tableId, watched, isLast }]) => {
    const bit = tables.indexOf(tableId);
    if (bit < 0) return [];
    const { field } = registers.shown;
    const again: readonly Action[] = [
      { kind: "load", to: { field, start: bit, bits: 1 }, value: 1n },
      { kind: "resubmit", tableId },
    ];
    const flow: Flow = {
      tableId,
      priority: highestPriority,
      cookie: watchCookie(trace, index),
      match: { ...watched.match, [field]: { value: 0, mask: (1 << bit) >>> 0 } },
      instructions: [
        {
          kind: "applyActions",
          actions: [{ kind: "output", port: Port.controller, maxLen: shownBytes }, ...(isLast ? [] : again)],
        },
      ],
    };
    return { ...flowMod("add", flow), hardTimeoutSec: limitSec };
  });
}

/** Removes all flows of a trace from one bridge. */
export function unwatching(trace: number): FlowMod {
  const cookieMask = ~0xff_ffffn & 0xffff_ffff_ffff_ffffn;
  return { kind: "flowMod", command: "delete", tableId: allTables, cookie: watchCookie(trace, 0), cookieMask };
}
