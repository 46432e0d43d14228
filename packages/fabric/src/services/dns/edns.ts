/** What a client says of itself by EDNS(0), and what it is told of us (RFC 6891). */
import type { DecodedPacket, OptAnswer } from "dns-packet";
import { responseCode } from "./response-code.ts";

/** As much as every client takes over UDP (RFC 1035, 4.2.1), in bytes. */
const plainMessage = 512;
/** What a client may ask for at most: it passes every link that IPv6 passes in one piece, in bytes. */
const longestMessage = 1_232;

export interface Edns {
  /** How long an answer may be, in bytes. */
  readonly limit: number;
  /** What an answer has to have among its additional records. */
  readonly records: readonly OptAnswer[];
  /** Why the question isn't answered, if it isn't. */
  readonly refusal?: number;
}

/** @param roomForMessage what a packet of the network has room for, in bytes */
export function ednsOf({ additionals = [] }: Pick<DecodedPacket, "additionals">, roomForMessage: number): Edns {
  const [asked, ...others] = additionals.filter((record) => record.type === "OPT");
  if (asked === undefined) return { limit: plainMessage, records: [] };
  if (others.length > 0) return { limit: plainMessage, records: [], refusal: responseCode.formatError };
  const isUnknown = asked.ednsVersion !== 0;
  const record: OptAnswer = {
    ...{ name: ".", type: "OPT", udpPayloadSize: longestMessage, ednsVersion: 0, options: [] },
    // The upper bits of BADVERS (16); of the flags DO is given back as it came (RFC 3225, 3).
    ...{ extendedRcode: isUnknown ? 1 : 0, flags: asked.flags & dnssecOk, flag_do: asked.flag_do },
  };
  const limit = Math.max(plainMessage, Math.min(asked.udpPayloadSize, longestMessage, roomForMessage));
  return { limit, records: [record], ...(isUnknown && { refusal: responseCode.noError }) };
}

/** @see RFC 3225, 3 */
const dnssecOk = 0x8000;
