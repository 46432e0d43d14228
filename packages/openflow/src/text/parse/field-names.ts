/** Fields by the names that ovs-ofctl reads. @see ovs-fields(7) */
import { fieldByWireName, type FieldName, type FieldRow, fieldRow, fieldRows } from "../../of13/oxm.ts";

/**
 * What OpenFlow 1.0 had one name for, whichever the packet's protocol is: the fields that it may stand for besides that
 * of the table.
 */
const shared: Readonly<Record<string, readonly FieldName[]>> = {
  nw_src: ["ipv4Src", "arpSpa"],
  nw_dst: ["ipv4Dst", "arpTpa"],
  nw_proto: ["ipProto", "arpOp"],
  tp_src: ["tcpSrc", "udpSrc", "sctpSrc", "icmpv4Type", "icmpv6Type"],
  tp_dst: ["tcpDst", "udpDst", "sctpDst", "icmpv4Code", "icmpv6Code"],
};

const byText = namesOf();

function namesOf(): ReadonlyMap<string, readonly FieldRow[]> {
  const names = new Map<string, FieldRow[]>();
  for (const row of fieldRows) {
    for (const name of new Set([row.matchName, row.setName, ...row.aliases])) {
      const rows = names.get(name) ?? [];
      names.set(name, [...rows, row]);
    }
  }
  for (const [name, fields] of Object.entries(shared)) names.set(name, fields.map(fieldRow));
  return names;
}

/** The fields that a name stands for in a match; which it is, depends on what else the match says. */
export function fieldsInMatch(name: string): readonly FieldRow[] {
  return byText.get(name) ?? [];
}

/** Where the name of several fields stands for the same as in a match, but in 16 bits. */
const inActions: Readonly<Record<string, FieldName>> = { in_port: "nxmInPort", in_port_oxm: "inPort" };

/** The one field that a name stands for in an action: the first of those that share it. */
export function fieldInAction(name: string): FieldRow | undefined {
  const own = Object.hasOwn(inActions, name) ? inActions[name] : undefined;
  return own === undefined ? byText.get(name)?.[0] : fieldRow(own);
}

/** As fieldInAction, and also by the name of one of the field's numbers, such as NXM_OF_ETH_SRC. */
export function fieldByAnyName(name: string): FieldRow | undefined {
  const wireName = name.endsWith("_W") ? name.slice(0, -2) : name;
  return fieldByWireName(wireName)?.row ?? fieldInAction(name);
}
