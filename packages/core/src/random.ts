import { type Mac, macFromBytes } from "./addresses/mac.ts";
import type { Uuid } from "./ids.ts";

/** Gives so many bytes of chance. */
export type RandomBytes = (size: number) => Uint8Array;

/** A random UUID (RFC 9562, version 4). */
export function randomUuid(random: RandomBytes): Uuid {
  const bytes = Uint8Array.from(random(16), (byte, index) =>
    index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte,
  );
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-") as Uuid;
}

/** A random MAC address, locally administered, for one station. Its first byte is 02: libvirt refuses fe. */
export function randomMac(random: RandomBytes): Mac {
  return macFromBytes(Uint8Array.of(0x02, ...random(5)));
}

/** A random number from 0 up to, and without, 1. */
export function randomFraction(random: RandomBytes): number {
  return random(4).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 32;
}
