/** Nicira's actions whose form in ovs-ofctl's syntax is like no other's. */
import type { OfPort } from "@loomstack/core";
import type { Controller2 } from "../nicira/controller.ts";
import type { EncapProperty } from "../nicira/encapsulation.ts";
import type { Subfield } from "../nicira/subfield.ts";
import { Port } from "../of13/ports.ts";
import type { PrintContext } from "./action-text.ts";
import { portName, tableName } from "./names.ts";
import { dottedBytes, formatSubfield, hex, list, numberOrBits } from "./values.ts";

/** The table that stands for the present one. */
const sameTable = 0xff;

export function formatResubmit(
  { inPort = Port.inPort, tableId = sameTable }: { readonly inPort?: OfPort | undefined; readonly tableId?: number },
  { names }: PrintContext,
  suffix = "",
): string {
  const port = inPort === Port.inPort ? "" : portName(inPort, names);
  if (port !== "" && tableId === sameTable) return `resubmit:${port}`;
  return `resubmit(${port},${tableId === sameTable ? "" : tableName(tableId, names)}${suffix})`;
}

/** The reasons of packet-ins that have a name (ofp_packet_in_reason), from 0. */
export const packetInReasonWords: readonly string[] = [
  "no_match",
  "action",
  "invalid_ttl",
  "action_set",
  "group",
  "packet_out",
];

export function formatController(action: Controller2): string {
  const { maxLen = 0xffff, controllerId = 0, reason = 1, userdata, pause, meterId } = action;
  const parts = list(
    reason !== 1 && `reason=${packetInReasonWords[reason] ?? reason}`,
    maxLen !== 0xffff && `max_len=${maxLen}`,
    controllerId !== 0 && `id=${controllerId}`,
    userdata !== undefined && userdata.byteLength > 0 && `userdata=${dottedBytes.print(userdata, {})}`,
    pause === true && "pause",
    meterId !== undefined && `meter_id=${meterId}`,
  );
  const onlyLength = parts === "" || parts === `max_len=${maxLen}`;
  return onlyLength ? `CONTROLLER:${maxLen}` : `controller(${parts})`;
}

interface Links {
  readonly fields: string | number;
  readonly basis: number;
  readonly algorithm: string | number;
}

export function formatMultipath(
  action: Links & { readonly maxLink: number; readonly argument: number; readonly to: Subfield },
): string {
  const { fields, basis, algorithm, maxLink, argument, to } = action;
  return `multipath(${fields},${basis},${algorithm},${maxLink + 1},${argument},${formatSubfield(to)})`;
}

/** @param bundle with `to`, its number is loaded there; without, the packet is sent to the port */
export function formatBundle(
  bundle: Links & { readonly members: readonly OfPort[]; readonly to?: Subfield },
  { names }: PrintContext,
): string {
  const { fields, basis, algorithm, members, to } = bundle;
  const destination = to === undefined ? "" : `${formatSubfield(to)},`;
  const ports = members.map((port) => portName(port, names)).join(",");
  return `bundle${to === undefined ? "" : "_load"}(${fields},${basis},${algorithm},ofport,${destination}members:${ports})`;
}

interface Sampling {
  readonly probability: number;
  readonly collectorSetId: number;
  readonly obsDomainId: number | Subfield;
  readonly obsPointId: number | Subfield;
  readonly samplingPort?: OfPort | undefined;
  readonly direction?: "default" | "ingress" | "egress" | undefined;
}

export function formatSample(action: Sampling, { names }: PrintContext): string {
  const { samplingPort = Port.any, direction = "default" } = action;
  const parts = list(
    `probability=${action.probability}`,
    `collector_set_id=${action.collectorSetId}`,
    `obs_domain_id=${numberOrBits.print(action.obsDomainId, names)}`,
    `obs_point_id=${numberOrBits.print(action.obsPointId, names)}`,
    samplingPort !== Port.any && `sampling_port=${portName(samplingPort, names)}`,
    direction !== "default" && direction,
  );
  return `sample(${parts})`;
}

/** What can be put around a packet, by the packet type that it is of then. */
export const encapHeaders: ReadonlyMap<number, string> = new Map([
  [0x0000_0000, "ethernet"],
  [0x0001_894f, "nsh"],
  [0x0001_8847, "mpls"],
  [0x0001_8848, "mpls_mc"],
]);

export function formatEncap(action: {
  readonly packetType: number;
  readonly properties?: readonly EncapProperty[] | undefined;
}): string {
  const { packetType, properties = [] } = action;
  const inner = properties.length === 0 ? "" : `(${properties.map(formatProperty).join(",")})`;
  return `encap(${encapHeaders.get(packetType) ?? packetTypeText(packetType)}${inner})`;
}

function formatProperty(property: EncapProperty): string {
  switch (property.kind) {
    case "nshMdType":
      return `md_type=${property.mdType}`;
    case "nshTlv": {
      const value = Buffer.from(property.data).toString("hex");
      return `tlv(0x${property.tlvClass.toString(16).padStart(4, "0")},${property.tlvType},${hex(BigInt(`0x0${value}`))})`;
    }
    case "unknown":
      return `unknown(${property.propertyClass},${property.type},0x${Buffer.from(property.bytes).toString("hex")})`;
  }
}

/** The packet type that leaves it to the header what the packet is once it is off. */
export const nextProtocol = 0x0000_fffe;

export function formatDecap({ packetType }: { readonly packetType: number }): string {
  return packetType === nextProtocol ? "decap()" : `decap(${packetTypeText(packetType)})`;
}

function packetTypeText(packetType: number): string {
  return `packet_type(ns=${Math.floor(packetType / 0x1_0000)},type=${hex(packetType % 0x1_0000)})`;
}
