import { type Flow, type FieldName, matchEntries } from "@loomstack/openflow";
import { fieldInteger, type Packet } from "./packet.ts";

/** Whether a flow's match takes a packet. */
export function matches(flow: Flow, packet: Packet): boolean {
  return matchEntries(flow.match).every(({ row, value, mask }) => {
    const allOnes = (1n << BigInt(row.type.bits)) - 1n;
    const bits = mask === undefined ? allOnes : row.type.toInteger(mask);
    return (fieldInteger(packet, row.name) & bits) === (row.type.toInteger(value) & bits);
  });
}

/** A field of the match whose prerequisites the match doesn't state. A switch refuses such a flow. */
export function missingPrerequisite(flow: Pick<Flow, "match">): FieldName | undefined {
  const entries = matchEntries(flow.match);
  const stated = new Map(
    entries
      .filter(({ mask }) => mask === undefined)
      .map(({ row, value }) => [row.name, Number(row.type.toInteger(value))]),
  );
  const tagged = entries.some(
    ({ row, value }) => row.name === "vlanVid" && (row.type.toInteger(value) & 0x1000n) !== 0n,
  );
  const tracked = entries.some(({ row }) => row.name === "ctState");
  return entries.find(({ row }) => {
    const { vlanTag, connection, ...others } = row.requires;
    if ((vlanTag === true && !tagged) || (connection === true && !tracked)) return true;
    return Object.entries(others).some(([name, allowed]) => !allowed.includes(stated.get(name as FieldName) ?? -1));
  })?.row.name;
}
