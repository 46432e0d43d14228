import { LoomstackError } from "@loomstack/core";
import type { Reader, Writer } from "@loomstack/wire";

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

/** @throws WIRE__MALFORMED for a length less than the header's own */
export function readHeader(reader: Reader): Header {
  const header = { version: reader.u8(), type: reader.u8(), length: reader.u16(), xid: reader.u32() };
  if (header.length < headerSize) throw reader.malformed(`a message length of ${header.length}`);
  return header;
}

/**
 * Writes a header and, behind it, a body; fills in the length.
 *
 * @throws WIRE__OUT_OF_RANGE for more than 65535 bytes in all
 */
export function writeMessage(
  writer: Writer,
  { version, type, xid }: Omit<Header, "length">,
  writeBody: () => void,
): void {
  const start = writer.size;
  writer.u8(version);
  writer.u8(type);
  writer.u16(0);
  writer.u32(xid);
  writeBody();
  const length = writer.size - start;
  if (length > 0xffff)
    throw new LoomstackError("WIRE__OUT_OF_RANGE", {
      path: writer.path.toString(),
      value: `${length} bytes`,
      type: "one message",
    });
  writer.setU16(start + 2, length);
}
