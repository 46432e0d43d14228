import type { Dpid } from "@loomstack/core";

/** A datapath id as intent and the northbounds have it: 16 hexadecimal digits. */
export function dpidText(dpid: Dpid): string {
  return dpid.toString(16).padStart(16, "0");
}

/** @param text 16 hexadecimal digits */
export function dpidFromText(text: string): Dpid {
  return BigInt(`0x${text}`) as Dpid;
}
