/** Whether a match says of a packet what a field needs to mean anything. @see OpenFlow 1.3.5, 7.2.3.8 */
import type { FieldRow } from "../../of13/oxm.ts";
import type { Prerequisites } from "../../of13/oxm-table.ts";
import type { MatchBuilder } from "./match-builder.ts";

/** The name space of packet types that has those of Ethernet. */
const etherTypes = 1;
/** The packet is part of a connection or starts one: new, est, rel, rpl. */
const connectionBits = 0x0fn;

/** What `row` requires and the match doesn't say, in words; undefined for nothing. */
export function missingPrerequisite({ requires }: FieldRow, match: MatchBuilder): string | undefined {
  const { ethType, ipProto, icmpv6Type, connection }: Prerequisites = requires;
  if (!isOneOf(etherTypeOf(match), ethType)) return `dl_type=${hex(ethType ?? [])}`;
  if (!isOneOf(match.exact("ipProto"), ipProto)) return `nw_proto=${(ipProto ?? []).join(" or ")}`;
  if (!isOneOf(match.exact("icmpv6Type"), icmpv6Type)) return `icmpv6_type=${(icmpv6Type ?? []).join(" or ")}`;
  const tracked = match.bitsOf("ctState") & match.maskOf("ctState") & connectionBits;
  if (connection === true && tracked === 0n) return "ct_state with one of +new, +est, +rel, +rpl";
  return undefined;
}

function etherTypeOf(match: MatchBuilder): number | undefined {
  const packetType = match.exact("packetType");
  if (packetType !== undefined && Math.floor(packetType / 0x1_0000) === etherTypes) return packetType % 0x1_0000;
  return match.exact("ethType");
}

function isOneOf(value: number | undefined, allowed: readonly number[] | undefined): boolean {
  return allowed === undefined || (value !== undefined && allowed.includes(value));
}

function hex(values: readonly number[]): string {
  return values.map((value) => `0x${value.toString(16).padStart(4, "0")}`).join(" or ");
}
