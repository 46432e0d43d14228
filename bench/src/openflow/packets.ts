/** What the simulated switch sends, and what it is answered. Nothing here goes through the library. */
import { messageBytes, messageType } from "./message-bytes.ts";

/** How many hosts there are; each sends to the next. */
export const hosts = 4096;
/** So many ports have as many hosts each. */
export const ports = 64;
/** Bytes of an Ethernet frame without its checksum: the shortest there is. */
export const frameSize = 60;

/** Bytes of a packet-out with one output and the whole frame. */
export const packetOutSize = 40 + frameSize;

const noBuffer = 0xffff_ffff;

/** One packet-in of each host, all of the same size. @see OpenFlow 1.3.5, 7.4.1 */
export function packetInBytes(): Buffer {
  return Buffer.concat(Array.from({ length: hosts }, (_, host) => packetIn(host)));
}

/** The answer to all of them. @see OpenFlow 1.3.5, 7.3.6 */
export function packetOutBytes(): Buffer {
  const body = Buffer.alloc(32 + frameSize);
  body.writeUInt32BE(noBuffer, 0);
  body.writeUInt32BE(1, 4);
  body.writeUInt16BE(16, 8);
  // Type 0, output.
  body.writeUInt16BE(16, 18);
  body.writeUInt32BE(2, 20);
  return messageBytes(messageType.packetOut, 1, body);
}

function packetIn(host: number): Buffer {
  const body = Buffer.alloc(34);
  body.writeUInt32BE(noBuffer, 0);
  body.writeUInt16BE(frameSize, 4);
  body.writeUInt8(1, 6);
  // An OXM match of 12 bytes and 4 of padding: in_port.
  body.writeUInt16BE(1, 16);
  body.writeUInt16BE(12, 18);
  body.writeUInt32BE(0x8000_0004, 20);
  body.writeUInt32BE(1 + (host % ports), 24);
  return messageBytes(messageType.packetIn, 0, Buffer.concat([body, frame(host)]));
}

function frame(host: number): Buffer {
  const bytes = Buffer.alloc(frameSize);
  writeMac(bytes, 0, (host + 1) % hosts);
  writeMac(bytes, 6, host);
  bytes.writeUInt16BE(0x0800, 12);
  return bytes;
}

function writeMac(bytes: Buffer, start: number, host: number): void {
  bytes.writeUInt16BE(0x0200, start);
  bytes.writeUInt32BE(host, start + 2);
}
