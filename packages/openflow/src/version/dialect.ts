/**
 * One vocabulary for all versions: messages are values of OpenFlow 1.3 with its extensions, as of13/messages.ts declares
 * them, and each version writes and reads them in its own bytes as far as it can say the same.
 */
import { decodeMessage10, encodeMessage10 } from "../of10/messages.ts";
import { decodeMessage, encodeMessage, type Envelope, type Message } from "../of13/messages.ts";
import { decodeMessage15, encodeMessage15 } from "../of15/messages.ts";
import type { OpenFlowVersion } from "./version.ts";

/** How a connection's messages are written and read. */
export interface Dialect {
  readonly version: OpenFlowVersion;
  /** @throws WIRE__OUT_OF_RANGE, WIRE__WRONG_TYPE, OPENFLOW__INVALID_MASK, OPENFLOW__UNSUPPORTED_BY_VERSION */
  readonly encode: (message: Message, xid: number) => Uint8Array;
  /** @throws WIRE__TRUNCATED, WIRE__TRAILING_BYTES, WIRE__MALFORMED */
  readonly decode: (bytes: Uint8Array) => Envelope;
}

/** Which of a version's extensions a switch has agreed to. */
export interface DialectOptions {
  /** OpenFlow 1.0: flow mods name a table (Nicira's flow_mod_table_id). */
  readonly flowModTableId?: boolean;
}

export function dialectOf(version: OpenFlowVersion, { flowModTableId = false }: DialectOptions = {}): Dialect {
  switch (version) {
    case "1.0":
      return {
        version,
        encode: (message, xid) => encodeMessage10(message, xid, flowModTableId),
        decode: decodeMessage10,
      };
    case "1.3":
      return { version, encode: encodeMessage, decode: decodeMessage };
    case "1.5":
      return { version, encode: encodeMessage15, decode: decodeMessage15 };
  }
}
