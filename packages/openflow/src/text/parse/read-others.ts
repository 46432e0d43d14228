/** Actions on headers, and those of a form of their own. */
import type { EncapProperty } from "../../nicira/encapsulation.ts";
import { Port } from "../../of13/ports.ts";
import { encapHeaders, nextProtocol } from "../format-nicira.ts";
import { numberOrBits } from "../values.ts";
import type { Action } from "../../of13/actions.ts";
import type { Subfield } from "../../nicira/subfield.ts";
import { fieldByAnyName } from "./field-names.ts";
import type { ActionReaders } from "./action-reader.ts";
import { keyValues } from "./key-values.ts";
import { dottedBytesIn, numberU16, numberU32, numberU64, numberUpTo } from "./numbers.ts";
import { portIn, type ReadNames } from "./read-names.ts";
import { part, pieces, refused, splitAt, type TextSlice, textOf } from "./text-slice.ts";
import { bytesIn, unknownPartIn } from "./unknown-parts.ts";

/** A note fills its action up to a multiple of eight bytes. */
const noteStep = 8;
const noteFirst = 6;
const allBits64 = 2n ** 64n - 1n;
const bits32 = 32;

export const otherReaders: ActionReaders = {
  dec_ttl: (value) => {
    if (textOf(value) === "") return { kind: "decNwTtl" };
    const controllerIds = pieces(value, /[, ]/).map((piece) => numberU16(piece, "controller id"));
    if (controllerIds.length === 0) throw refused(value, "has no controllers", "their numbers");
    return { kind: "decNwTtlControllers", controllerIds };
  },
  note: (value) => {
    const bytes = dottedBytesIn(value, "note");
    const steps = Math.max(0, Math.ceil((bytes.byteLength - noteFirst) / noteStep));
    const note = new Uint8Array(noteFirst + steps * noteStep);
    note.set(bytes);
    return { kind: "note", note };
  },
  push_vlan: (value) => {
    const etherType = numberU16(value, "Ethernet type");
    if (etherType !== 0x8100 && etherType !== 0x88a8)
      throw refused(value, "is no type of a VLAN tag", "0x8100 or 0x88a8");
    return { kind: "pushVlan", etherType };
  },
  delete_field: (value) => {
    const row = fieldByAnyName(textOf(value));
    if (row === undefined || !row.type.variable)
      throw refused(value, "can't be deleted", "tun_metadata0 to tun_metadata63");
    return { kind: "deleteField", field: row.name };
  },
  conjunction: (value) => {
    const [, id, clause, count] = /^\s*([+-]?\w+)\s*,\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(textOf(value)) ?? [];
    if (id === undefined) throw refused(value, "is no clause", "conjunction(<id>,<clause>/<clauses>)");
    const [number, nClauses] = [Number(clause), Number(count)];
    if (nClauses < 2 || nClauses > 64 || number < 1 || number > nClauses)
      throw refused(value, "is no clause", "one of 2 to 64 clauses, counted from 1");
    const start = textOf(value).indexOf(id);
    const slice = part(value, start, start + id.length);
    return { kind: "conjunction", id: Number(numberU64(slice, "id") & 0xffff_ffffn), clause: number - 1, nClauses };
  },
  write_metadata: (value) => ({ kind: "writeMetadata", ...metadataIn(value) }),
  sample: (value, { names }) => readSample(value, names),
  unknown_action: unknownPartIn,
  encap: readEncap,
  decap: readDecap,
};

/** `<class>,<type>,0x<bytes>` */
function unknownProperty(slice: TextSlice): EncapProperty {
  const [propertyClass, type, bytes] = pieces(slice, /,/);
  if (propertyClass === undefined || type === undefined || bytes === undefined)
    throw refused(slice, "is no property", "<class>,<type>,0x<bytes>");
  return {
    ...{ kind: "unknown", propertyClass: numberU16(propertyClass, "class"), type: numberUpTo(type, 0xff, "type") },
    bytes: bytesIn(bytes),
  };
}

/** A value of the metadata and which of its bits count. */
export function metadataIn(value: TextSlice): { readonly metadata: bigint; readonly mask: bigint } {
  const halves = splitAt(value, "/");
  if (halves === undefined) return { metadata: numberU64(value, "metadata"), mask: allBits64 };
  return { metadata: numberU64(halves[0], "metadata"), mask: numberU64(halves[1], "mask") };
}

interface Sampling {
  probability: number;
  collectorSetId: number;
  obsDomainId: number | Subfield;
  obsPointId: number | Subfield;
  samplingPort: ReturnType<typeof portIn>;
  direction: "default" | "ingress" | "egress";
}

function readSample(value: TextSlice, names: ReadNames): Action {
  const read = samplingIn(value, names);
  const { samplingPort, direction, obsDomainId, obsPointId, ...head } = read;
  if (read.probability === 0) throw refused(value, "samples nothing", "a probability from 1 to 65535");
  if (typeof obsDomainId !== "number" || typeof obsPointId !== "number") return { kind: "sample4", ...read };
  const points = { ...head, obsDomainId, obsPointId };
  if (direction !== "default") return { kind: "sample3", ...points, samplingPort, direction };
  return samplingPort === Port.any ? { kind: "sample", ...points } : { kind: "sample2", ...points, samplingPort };
}

function samplingIn(value: TextSlice, names: ReadNames): Sampling {
  const read: Sampling = {
    ...{ probability: 0, collectorSetId: 0, obsDomainId: 0, obsPointId: 0 },
    ...{ samplingPort: Port.any, direction: "default" },
  };
  for (const { key, keySlice, value: own } of keyValues(value)) {
    if (key === "probability") read.probability = numberU16(own, key);
    else if (key === "collector_set_id") read.collectorSetId = numberU32(own, key);
    else if (key === "obs_domain_id") read.obsDomainId = observed(own, names);
    else if (key === "obs_point_id") read.obsPointId = observed(own, names);
    else if (key === "sampling_port") read.samplingPort = portIn(own, names);
    else if (key === "ingress" || key === "egress") read.direction = key;
    else throw refused(keySlice, "is no part of sample", sampleKeys);
  }
  return read;
}

const sampleKeys = "probability, collector_set_id, obs_domain_id, obs_point_id, sampling_port, ingress, egress";

function observed(slice: TextSlice, names: ReadNames): number | Subfield {
  const value = numberOrBits.read(slice, names);
  if (typeof value !== "number" && value.bits > bits32)
    throw refused(slice, `has ${value.bits} bits`, `at most ${bits32}`);
  return value;
}

function readEncap(value: TextSlice): Action {
  const [header, ...surplus] = keyValues(value);
  const packetType = [...encapHeaders].find(([, name]) => name === header?.key)?.[0];
  if (header === undefined || packetType === undefined || surplus.length > 0)
    throw refused(value, "is no header to put around packets", [...encapHeaders.values()].join(", "));
  const properties = [...keyValues(header.value)].map(({ key, keySlice, value: own }): EncapProperty => {
    if (header.key === "nsh" && key === "md_type") return { kind: "nshMdType", mdType: numberUpTo(own, 2, key, 1) };
    if (header.key === "nsh" && key === "tlv") return nshTlv(own);
    if (key === "unknown") return unknownProperty(own);
    throw refused(keySlice, `is no property of ${header.key}`, header.key === "nsh" ? "md_type, tlv" : "none");
  });
  return { kind: "encap", packetType, properties };
}

const tlvForm = /^(0x[0-9a-fA-F]{1,4}),(\d{1,3}),0x([0-9a-fA-F]{1,250})$/;

function nshTlv(slice: TextSlice): EncapProperty {
  const [, tlvClass = "", type = "", data = ""] = tlvForm.exec(textOf(slice)) ?? [];
  if (type === "" || Number(type) > 0xff) throw refused(slice, "is no TLV", "0x<class>,<type>,0x<bytes>");
  const bytes = Uint8Array.from(Buffer.from(data.padStart(2 * Math.ceil(data.length / 2), "0"), "hex"));
  return { kind: "nshTlv", tlvClass: Number(tlvClass), tlvType: Number(type), data: bytes };
}

function readDecap(value: TextSlice): Action {
  const [first] = keyValues(value);
  if (first === undefined) return { kind: "decap", packetType: nextProtocol };
  const [space, type] = first.key === "packet_type" ? keyValues(first.value) : [];
  if (space?.key !== "ns" || type?.key !== "type")
    throw refused(value, "is no packet type", "packet_type(ns=<name space>,type=<type>)");
  const name = numberUpTo(space.value, 1, "name space");
  return { kind: "decap", packetType: name * 0x1_0000 + numberU16(type.value, "packet type") };
}
