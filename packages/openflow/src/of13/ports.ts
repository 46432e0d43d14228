import type { OfPort } from "@loomstack/core";
import { type Codec, mapped, u16, u32 } from "@loomstack/wire";

/** Reserved port numbers. @see OpenFlow 1.3.5, 7.2.1 (ofp_port_no) */
export const Port = {
  /** The highest number that a port of a switch can have. */
  max: 0xffff_ff00 as OfPort,
  /** The action set has no output (OpenFlow 1.5.1, 7.2.1). */
  unset: 0xffff_fff7 as OfPort,
  /** Back out of the port that the packet came in by. */
  inPort: 0xffff_fff8 as OfPort,
  table: 0xffff_fff9 as OfPort,
  normal: 0xffff_fffa as OfPort,
  flood: 0xffff_fffb as OfPort,
  all: 0xffff_fffc as OfPort,
  controller: 0xffff_fffd as OfPort,
  local: 0xffff_fffe as OfPort,
  /** No port, or in filters any port. */
  any: 0xffff_ffff as OfPort,
} as const;

/** Reserved group numbers. @see OpenFlow 1.3.5, 7.3.4.2 (ofp_group) */
export const Group = { max: 0xffff_ff00, all: 0xffff_fffc, any: 0xffff_ffff } as const;

/** A table number that stands for all tables in filters. @see OpenFlow 1.3.5, 7.3.4.1 (OFPTT_ALL) */
export const allTables = 0xff;

/** The packet isn't kept in a buffer of the switch. @see OpenFlow 1.3.5, 7.3.4.1 (OFP_NO_BUFFER) */
export const noBuffer = 0xffff_ffff;

/** A number as a port number, unchecked: for constants and tests. */
export function ofPort(number: number): OfPort {
  return number as OfPort;
}

export const portNo: Codec<OfPort> = mapped(u32, { decode: ofPort, encode: (port: OfPort): number => port });

/**
 * A port in the 16 bits that OpenFlow 1.0 and Nicira's actions have for it; the reserved numbers are those above
 * 0xff00.
 */
export const shortPortNo: Codec<OfPort> = mapped(u16, {
  decode: (short) => ofPort(short >= 0xff00 ? short + 0xffff_0000 : short),
  encode: (port: OfPort): number => (port >= Port.max ? port - 0xffff_0000 : port),
});
