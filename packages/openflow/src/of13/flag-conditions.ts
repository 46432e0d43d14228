/** Conditions on single bits of a field, by name. */
import { ctStateBits } from "../nicira/connection-fields.ts";
import type { Masked } from "./match.ts";
import { tcpFlagBits } from "./transport-fields.ts";

/**
 * What the connection tracker must say of a packet, or must not.
 *
 * @example match: { ctState: ctState({ trk: true, est: true, inv: false }) } // ovs-ofctl: ct_state=+trk+est-inv
 */
export const ctState = conditionOn(ctStateBits);

/** @example match: { ethType: 0x0800, ipProto: 6, tcpFlags: tcpFlags({ syn: true, ack: false }) } */
export const tcpFlags = conditionOn(tcpFlagBits);

/** The flags that aren't named don't count. */
function conditionOn<Name extends string>(
  bits: Readonly<Record<Name, number>>,
): (flags: Readonly<Partial<Record<Name, boolean>>>) => Masked<number> {
  return (flags) => {
    const asked = Object.entries<number>(bits).filter(([name]) => flags[name as Name] !== undefined);
    const sum = (among: readonly (readonly [string, number])[]): number =>
      among.reduce((total, [, bit]) => total + 2 ** bit, 0);
    return { value: sum(asked.filter(([name]) => flags[name as Name] === true)), mask: sum(asked) };
  };
}
