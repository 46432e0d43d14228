/** The few messages of OpenFlow 1.3 that bare sockets need, as bytes: nothing here goes through the library. */

export const messageType = {
  hello: 0,
  error: 1,
  echoRequest: 2,
  echoReply: 3,
  featuresRequest: 5,
  featuresReply: 6,
  packetIn: 10,
  packetOut: 13,
  multipartRequest: 18,
  multipartReply: 19,
  barrierRequest: 20,
  barrierReply: 21,
} as const;

/** Bytes in front of every message's body: version, type, length, transaction id. */
export const headerSize = 8;

export function messageBytes(type: number, xid: number, body: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(headerSize);
  header.writeUInt8(4, 0);
  header.writeUInt8(type, 1);
  header.writeUInt16BE(headerSize + body.byteLength, 2);
  header.writeUInt32BE(xid, 4);
  return Buffer.concat([header, body]);
}

/** Cuts a stream into messages, and tells where each is: as little as can be done. */
export class MessageCutter {
  readonly #onMessage: (bytes: Buffer, start: number, end: number) => void;
  #rest: Buffer = Buffer.alloc(0);

  /** @param onMessage the message is from `start` up to, and not with, `end` */
  constructor(onMessage: (bytes: Buffer, start: number, end: number) => void) {
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.byteLength === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    while (bytes.byteLength - start >= headerSize) {
      const end = start + bytes.readUInt16BE(start + 2);
      if (end > bytes.byteLength) break;
      this.#onMessage(bytes, start, end);
      start = end;
    }
    this.#rest = bytes.subarray(start);
  }
}
