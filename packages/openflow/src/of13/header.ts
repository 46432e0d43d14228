import { LoomstackError } from "@loomstack/core";
import { type Reader, u32, type VariantForm, type Writer } from "@loomstack/wire";

/** The version byte of OpenFlow 1.3. */
export const version13 = 4;

/** Bytes of the header that every message starts with. */
export const headerSize = 8;

/** What every message starts with. @see OpenFlow 1.3.5, 7.1.1 (ofp_header) */
export interface Header {
  readonly version: number;
  readonly type: number;
  /** Of the message in bytes, header included. */
  readonly length: number;
  /** Transaction id: a reply has that of its request. */
  readonly xid: number;
}

/**
 * Reads a header and, up to the length that it tells, the body.
 *
 * @throws WIRE__MALFORMED for a length less than the header's own
 */
export function readMessage<Message>(
  reader: Reader,
  readBody: (reader: Reader, type: number) => Message,
): Header & { readonly message: Message } {
  const { version, type, length, xid } = readHeader(reader);
  const outerEnd = reader.narrow(length - headerSize);
  const message = readBody(reader, type);
  reader.widen(outerEnd);
  return { version, type, length, xid, message };
}

/** @throws WIRE__MALFORMED for a length less than the header's own */
export function readHeader(reader: Reader): Header {
  const header = { version: reader.u8(), type: reader.u8(), length: reader.u16(), xid: reader.u32() };
  if (header.length < headerSize) throw reader.malformed(`a message length of ${header.length}`);
  return header;
}

/** The transaction id of a message whose header is there. */
export function xidOf(message: Uint8Array): number {
  return new DataView(message.buffer, message.byteOffset).getUint32(4);
}

/**
 * Writes a header and, behind it, a body; fills in the length.
 *
 * @throws WIRE__OUT_OF_RANGE for more than 65535 bytes in all, and for an xid that isn't one
 */
export function writeMessage<Body>(
  writer: Writer,
  { version, xid }: Pick<Header, "version" | "xid">,
  { tag, writeBody }: VariantForm<Body>,
  body: Body,
): void {
  const start = writer.size;
  const at = writer.claim(headerSize);
  writer.view.setUint8(at, version);
  writer.view.setUint8(at + 1, tag);
  if (!u32.fixed.set(writer.view, at + 4, xid)) refuseXid(writer, xid);
  writeBody(writer, body);
  const length = writer.size - start;
  if (length > 0xffff)
    throw new LoomstackError("WIRE__OUT_OF_RANGE", {
      path: writer.path.toString(),
      value: `${length} bytes`,
      type: "one message",
    });
  writer.setU16(start + 2, length);
}

/** @throws WIRE__OUT_OF_RANGE, WIRE__WRONG_TYPE */
function refuseXid(writer: Writer, xid: number): void {
  writer.path.enter("xid");
  u32.write(writer, xid);
}
