import { type Mac, macToBytes } from "@loomstack/core";

/** The tunnel key of probes: above every key that the model gives to a network, and within the 24 bits of a VNI. */
export const probeKey = 0xfffffe;
/** Bytes of a short probe: the shortest Ethernet frame, without its check sequence. */
export const probeLength = 60;

/** Destination and source. */
const addresses = Buffer.concat([macToBytes("02:4c:53:00:00:02" as Mac), macToBytes("02:4c:53:00:00:01" as Mac)]);
const etherTypeOffset = 12;
const nonceOffset = 14;
/** IEEE 802 local experimental EtherType 1. */
const localExperimental = 0x88b5;

/** An Ethernet frame that carries `nonce` (64 bits), of `length` bytes. */
export function encodeProbe(nonce: bigint, length = probeLength): Uint8Array {
  const frame = new Uint8Array(length);
  frame.set(addresses);
  const view = new DataView(frame.buffer);
  view.setUint16(etherTypeOffset, localExperimental);
  view.setBigUint64(nonceOffset, nonce);
  return frame;
}

/** The nonce of a probe, or undefined when the frame is something else. */
export function decodeProbe(frame: Uint8Array): bigint | undefined {
  if (frame.length < nonceOffset + 8) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  return view.getUint16(etherTypeOffset) === localExperimental ? view.getBigUint64(nonceOffset) : undefined;
}
