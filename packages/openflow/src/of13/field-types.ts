/**
 * The types of match fields. Besides its wire form each type can be seen as an unsigned integer, which is how masks,
 * sub-fields and comparisons work for all fields alike.
 */
import { type Ipv4, ipv4FromNumber, ipv4ToNumber, type Mac, macFromBytes, type OfPort } from "@loomstack/core";
import { bytes, type Codec, mapped, u16, u32, u64, u8 } from "@loomstack/wire";
import { type Ipv6, ipv6FromInteger, ipv6ToInteger } from "./ipv6.ts";
import { ofPort, portNo } from "./ports.ts";

export interface FieldType<T> {
  /** Bytes on the wire. */
  readonly size: number;
  /** Bits that count; the rest of the bytes is zero. */
  readonly bits: number;
  readonly codec: Codec<T>;
  readonly toInteger: (value: T) => bigint;
  readonly fromInteger: (integer: bigint) => T;
  /** The value in ovs-ofctl's text form. */
  readonly format: (value: T) => string;
}

interface Shape {
  readonly size: number;
  readonly bits?: number;
  readonly codec: Codec<number>;
}

const u24: Codec<number> = mapped(bytes(3), {
  decode: (octets) => octets.reduce((sum, octet) => sum * 256 + octet, 0),
  encode: (value: number) => Uint8Array.of(value >>> 16, value >>> 8, value),
});

const hexOctets = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

// Addresses are most of what a flow is made of: these two don't make arrays on the way.
const macCodec: Codec<Mac> = {
  read(reader) {
    const octet = (): string => hexOctets[reader.u8()] ?? "";
    return `${octet()}:${octet()}:${octet()}:${octet()}:${octet()}:${octet()}` as Mac;
  },
  write(writer, value) {
    for (let start = 0; start < 18; start += 3) u8.write(writer, Number.parseInt(value.slice(start, start + 2), 16));
  },
};

const ipv4Codec: Codec<Ipv4> = {
  read: (reader) => `${reader.u8()}.${reader.u8()}.${reader.u8()}.${reader.u8()}` as Ipv4,
  write: (writer, value) => u32.write(writer, ipv4ToNumber(value)),
};

const byte: Shape = { size: 1, codec: u8 };
const short: Shape = { size: 2, codec: u16 };
const word: Shape = { size: 4, codec: u32 };

export const decimal8: FieldType<number> = number(byte, decimal);
export const decimal16: FieldType<number> = number(short, decimal);
export const decimal32: FieldType<number> = number(word, decimal);
export const hex24: FieldType<number> = number({ size: 3, codec: u24 }, hex);
export const hex32: FieldType<number> = number(word, hex);
export const etherType: FieldType<number> = number(short, (value) => `0x${value.toString(16).padStart(4, "0")}`);

/** A number in the low `bits` of its bytes. */
export function lowBits(size: 1 | 2 | 4, bits: number): FieldType<number> {
  const shape = size === 1 ? byte : size === 2 ? short : word;
  return number({ ...shape, bits }, decimal);
}

export const hex64: FieldType<bigint> = {
  size: 8,
  bits: 64,
  codec: u64,
  toInteger: (value) => value,
  fromInteger: (integer) => integer,
  format: hex,
};

export const port: FieldType<OfPort> = {
  size: 4,
  bits: 32,
  codec: portNo,
  toInteger: (value) => BigInt(value),
  fromInteger: (integer) => ofPort(Number(integer)),
  format: decimal,
};

export const mac: FieldType<Mac> = {
  size: 6,
  bits: 48,
  codec: macCodec,
  toInteger: (value) => BigInt(`0x${value.replaceAll(":", "")}`),
  fromInteger: (integer) => macFromBytes(integerToBytes(integer, 6)),
  format: (value) => value,
};

export const ipv4: FieldType<Ipv4> = {
  size: 4,
  bits: 32,
  codec: ipv4Codec,
  toInteger: (value) => BigInt(ipv4ToNumber(value)),
  fromInteger: (integer) => ipv4FromNumber(Number(integer)),
  format: (value) => value,
};

export const ipv6: FieldType<Ipv6> = {
  size: 16,
  bits: 128,
  codec: mapped(bytes(16), {
    decode: (octets) => ipv6FromInteger(bytesToInteger(octets)),
    encode: (value: Ipv6) => integerToBytes(ipv6ToInteger(value), 16),
  }),
  toInteger: ipv6ToInteger,
  fromInteger: ipv6FromInteger,
  format: (value) => value,
};

function number(shape: Shape, format: (value: number) => string): FieldType<number> {
  const bits = shape.bits ?? shape.size * 8;
  return {
    size: shape.size,
    bits,
    codec: shape.codec,
    toInteger: (value) => BigInt(value),
    fromInteger: (integer) => Number(integer),
    format,
  };
}

function decimal(value: number): string {
  return value.toString();
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function integerToBytes(integer: bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => Number((integer >> BigInt(8 * (size - 1 - index))) & 0xffn));
}

function bytesToInteger(octets: Uint8Array): bigint {
  return octets.reduce((sum, octet) => (sum << 8n) + BigInt(octet), 0n);
}
