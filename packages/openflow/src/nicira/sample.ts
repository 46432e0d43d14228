/** Samples of packets for collectors (IPFIX). @see ovs-actions(7), "sample" */
import { type Codec, complete, enumOf, struct, u16, u32, u8, withDefault, zeros } from "@loomstack/wire";
import { Port, shortPortNo } from "../of13/ports.ts";
import { bitsOf, startAndBitsOf } from "./field-actions.ts";
import { checkedSubfield, checkSubfield, readFieldNumber, type Subfield, writeShortFieldNumber } from "./subfield.ts";

const head = {
  /** How many of 65535 packets. */
  probability: u16,
  collectorSetId: u32,
};
const point = { obsDomainId: u32, obsPointId: u32 };
const samplingPort = withDefault(shortPortNo, Port.any);
const direction = withDefault(enumOf(u8, { default: 0, ingress: 1, egress: 2 }), "default");

/** A number, or the bits of a field that have it: both in eight bytes, the first of which are zero for a number. */
const numberOrBits: Codec<number | Subfield | undefined, number | Subfield> = {
  read(reader) {
    const start = reader.offset;
    if (reader.u32() === 0) return reader.u32();
    reader.rewind(start);
    const field = readFieldNumber(reader);
    const range = bitsOf(reader.u16());
    zeros(2).read(reader);
    return field && checkedSubfield(reader, { ...field, ...range }, 32);
  },
  write(writer, value) {
    if (typeof value === "number") {
      writer.u32(0);
      u32.write(writer, value);
      return;
    }
    checkSubfield(writer, value, 32);
    writeShortFieldNumber(writer, value);
    writer.u16(startAndBitsOf(value));
    writer.zeros(2);
  },
};

/** NXAST_SAMPLE */
export const sample = { ...head, ...point };
/** NXAST_SAMPLE2: with the port to show in the samples. */
export const sample2 = { ...head, ...point, samplingPort, _: zeros(6) };
/** NXAST_SAMPLE3: whether the packet is to be seen as it comes in or as it goes out. */
export const sample3 = { ...head, ...point, samplingPort, direction, _: zeros(5) };
/** NXAST_SAMPLE4, since Open vSwitch 3.4. */
export const sample4 = complete(
  struct({ ...head, obsDomainId: numberOrBits, obsPointId: numberOrBits, samplingPort, direction, _: zeros(5) }),
);
