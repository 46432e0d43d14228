/**
 * The types of match fields. Besides its wire form each type can be seen as an unsigned integer, which is how masks,
 * sub-fields and comparisons work for all fields alike.
 */
import { type Ipv4, ipv4FromNumber, ipv4ToNumber, type Mac, macFromBytes, type OfPort } from "@loomstack/core";
import { bytes, bytesToEnd, type Codec, mapped, u16, u32, u64, u8 } from "@loomstack/wire";
import { bytesToInteger, integerToBytes } from "./integer-bytes.ts";
import { type Ipv6, ipv6FromInteger, ipv6ToInteger } from "./ipv6.ts";
import { ofPort, portNo, shortPortNo } from "./ports.ts";

/** How ovs-ofctl writes the values of a type, which also says how it writes their masks. */
export type TextForm = "decimal" | "hex" | "port" | "mac" | "ipv4" | "ipv6" | "flags" | "fragment" | "packetType";

export interface FieldType<T> {
  /** Bytes on the wire; the most, where the width is variable. */
  readonly size: number;
  /** Bits that count in a match and in set_field; the rest of the bytes is zero. */
  readonly bits: number;
  /** Bits that move, load and the like can name. */
  readonly subfieldBits: number;
  /** The width is as a switch was told (its TLV table): a value has as many bytes as it has. */
  readonly variable: boolean;
  readonly codec: Codec<T>;
  readonly toInteger: (value: T) => bigint;
  /** @param size bytes of the value, where the width is variable */
  readonly fromInteger: (integer: bigint, size?: number) => T;
  readonly form: TextForm;
  /** The value in ovs-ofctl's text form. */
  readonly format: (value: T) => string;
  /** Names of single bits, by their number (0 is the lowest): for the form "flags". */
  readonly flags?: Readonly<Record<string, number>>;
}

interface Shape {
  readonly size: number;
  readonly bits?: number;
  readonly codec: Codec<number>;
}

const u24: Codec<number> = {
  read: (reader) => reader.u8() * 0x1_0000 + reader.u16(),
  write(writer, value) {
    if (typeof value === "number" && value > 0xff_ffff) throw writer.outOfRange(value, "24 bits");
    u8.write(writer, Math.floor(value / 0x1_0000));
    u16.write(writer, value % 0x1_0000);
  },
};

const u128: Codec<bigint> = {
  read: (reader) => bytesToInteger(reader.bytes(16)),
  write(writer, value) {
    u64.write(writer, value >> 64n);
    u64.write(writer, value & (2n ** 64n - 1n));
  },
};

/** The codes of the hexadecimal digits, and by their codes the digits' values. */
const digitCodes = Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));
const digitValues = Array.from({ length: 128 }, (_, code) => Number.parseInt(String.fromCharCode(code), 16));
const colon = 0x3a;

// Addresses are most of what a flow is made of: these two don't make arrays or other strings on the way.
const macCodec: Codec<Mac> = {
  read(reader) {
    const high = reader.u16();
    const low = reader.u32();
    const digit = (bits: number, shift: number): number => digitCodes[(bits >>> shift) & 0xf] ?? 0;
    return String.fromCharCode(
      digit(high, 12),
      digit(high, 8),
      colon,
      digit(high, 4),
      digit(high, 0),
      colon,
      digit(low, 28),
      digit(low, 24),
      colon,
      digit(low, 20),
      digit(low, 16),
      colon,
      digit(low, 12),
      digit(low, 8),
      colon,
      digit(low, 4),
      digit(low, 0),
    ) as Mac;
  },
  write(writer, value) {
    if (typeof value !== "string" || value.length !== 17) throw writer.wrongType(value, "MAC address");
    const digit = (index: number): number => digitValues[value.charCodeAt(index)] ?? Number.NaN;
    for (let start = 0; start < 18; start += 3) u8.write(writer, digit(start) * 16 + digit(start + 1));
  },
};

const ipv4Codec: Codec<Ipv4> = {
  read(reader) {
    const bits = reader.u32();
    return `${bits >>> 24}.${(bits >>> 16) & 0xff}.${(bits >>> 8) & 0xff}.${bits & 0xff}` as Ipv4;
  },
  write: (writer, value) => u32.write(writer, ipv4ToNumber(value)),
};

const byte: Shape = { size: 1, codec: u8 };
const short: Shape = { size: 2, codec: u16 };
const word: Shape = { size: 4, codec: u32 };

export const decimal8: FieldType<number> = number(byte, "decimal");
export const decimal16: FieldType<number> = number(short, "decimal");
export const decimal32: FieldType<number> = number(word, "decimal");
export const hex8: FieldType<number> = number(byte, "hex");
export const hex16: FieldType<number> = number(short, "hex");
export const hex24: FieldType<number> = number({ size: 3, codec: u24 }, "hex");
export const hex32: FieldType<number> = number(word, "hex");

/** A number in the low `bits` of its bytes. */
export function lowBits(size: 1 | 2 | 4, bits: number, form: "decimal" | "hex" = "decimal"): FieldType<number> {
  return number({ ...shapeOf(size), bits }, form);
}

/** The VLAN id, and above it a bit that is set where the packet has a tag; move and load see only the id. */
export const vlanId: FieldType<number> = { ...number({ ...short, bits: 13 }, "decimal"), subfieldBits: 12 };

/** Single bits with a name each; a number, because a match asks for some of them by its mask. */
export function flagBits(
  size: 2 | 4,
  { bits, subfieldBits }: { readonly bits: number; readonly subfieldBits?: number },
  flags: Readonly<Record<string, number>>,
): FieldType<number> {
  return { ...number({ ...shapeOf(size), bits }, "flags"), subfieldBits: subfieldBits ?? bits, flags };
}

/** Bit 0: a fragment; bit 1: not the first one. */
export const fragment: FieldType<number> = number({ ...byte, bits: 2 }, "fragment");

/** A name space in the high 16 bits, and what it calls the packet in the low ones. @see OpenFlow 1.5.1, 7.2.3.11 */
export const packetType: FieldType<number> = number(word, "packetType");

export const hex64: FieldType<bigint> = large(8, u64);

export const hex128: FieldType<bigint> = large(16, u128);

export const port: FieldType<OfPort> = {
  ...number(word, "port"),
  codec: portNo,
  fromInteger: (integer) => ofPort(Number(integer)),
};

/** A port in the 16 bits that OpenFlow 1.0 has for it. */
export const shortPort: FieldType<OfPort> = {
  ...number(short, "port"),
  codec: shortPortNo,
  toInteger: (value) => BigInt(value) & 0xffffn,
  fromInteger: (integer) => ofPort(integer >= 0xff00n ? Number(integer) + 0xffff_0000 : Number(integer)),
};

export const mac: FieldType<Mac> = {
  size: 6,
  bits: 48,
  subfieldBits: 48,
  variable: false,
  codec: macCodec,
  toInteger: (value) => BigInt(`0x${value.replaceAll(":", "")}`),
  fromInteger: (integer) => macFromBytes(integerToBytes(integer, 6)),
  form: "mac",
  format: (value) => value,
};

export const ipv4: FieldType<Ipv4> = {
  size: 4,
  bits: 32,
  subfieldBits: 32,
  variable: false,
  codec: ipv4Codec,
  toInteger: (value) => BigInt(ipv4ToNumber(value)),
  fromInteger: (integer) => ipv4FromNumber(Number(integer)),
  form: "ipv4",
  format: (value) => value,
};

export const ipv6: FieldType<Ipv6> = {
  size: 16,
  bits: 128,
  subfieldBits: 128,
  variable: false,
  codec: mapped(bytes(16), {
    decode: (octets) => ipv6FromInteger(bytesToInteger(octets)),
    encode: (value: Ipv6) => integerToBytes(ipv6ToInteger(value), 16),
  }),
  toInteger: ipv6ToInteger,
  fromInteger: ipv6FromInteger,
  form: "ipv6",
  format: (value) => value,
};

/** As many bytes as a switch was told that there are, up to 124. */
export const variableBytes: FieldType<Uint8Array> = {
  size: 124,
  bits: 992,
  subfieldBits: 992,
  variable: true,
  codec: bytesToEnd,
  toInteger: bytesToInteger,
  fromInteger: (integer, size = 124) => integerToBytes(integer, size),
  form: "hex",
  format: (value) => hex(bytesToInteger(value)),
};

/** Bytes of a value: of its type, or its own where the width is variable. */
export function sizeOf(type: FieldType<unknown>, value: unknown): number {
  return type.variable && value instanceof Uint8Array ? value.byteLength : type.size;
}

/** All bits of a value that count. */
export function allOnes(type: FieldType<unknown>, value: unknown): bigint {
  return (1n << BigInt(type.variable ? 8 * sizeOf(type, value) : type.bits)) - 1n;
}

function shapeOf(size: 1 | 2 | 4): Shape {
  return size === 1 ? byte : size === 2 ? short : word;
}

function number(shape: Shape, form: TextForm): FieldType<number> {
  const bits = shape.bits ?? shape.size * 8;
  return {
    size: shape.size,
    bits,
    subfieldBits: bits,
    variable: false,
    codec: shape.codec,
    toInteger: (value) => BigInt(value),
    fromInteger: (integer) => Number(integer),
    form,
    format: form === "hex" ? hex : (value) => value.toString(),
  };
}

function large(size: number, codec: Codec<bigint>): FieldType<bigint> {
  return {
    size,
    bits: 8 * size,
    subfieldBits: 8 * size,
    variable: false,
    codec,
    toInteger: (value) => value,
    fromInteger: (integer) => integer,
    form: "hex",
    format: hex,
  };
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
