import {
  bits,
  listToEnd,
  openEnumOf,
  pad,
  type StructInput,
  tlv,
  u16,
  u32,
  u8,
  type ValueOf,
  variants,
  withDefault,
  bytesToEnd,
} from "@loomstack/wire";

/** Meters that no flow names. @see OpenFlow 1.3.5, 7.3.4.4 (ofp_meter) */
export const Meter = {
  /** The highest number that a meter can have. */
  max: 0xffff_0000,
  /** For packets on their slow path in the switch. */
  slowpath: 0xffff_fffd,
  /** For packets on their way to the controllers. */
  controller: 0xffff_fffe,
  /** All meters, in requests and deletions. */
  all: 0xffff_ffff,
} as const;

/** Bit by bit what a meter's numbers mean. @see OpenFlow 1.3.5, 7.3.4.4 (ofp_meter_flags) */
export const meterFlags = bits(u16, {
  /** Rates are in kbit/s, and bursts in kbit. */
  kbps: 0,
  /** Rates are in packets/s, and bursts in packets. */
  pktps: 1,
  /** Bands say their burst size. */
  burst: 2,
  stats: 3,
});

/** @see OpenFlow 1.3.5, 7.3.4.4 (ofp_meter_band_type) */
const bands = variants({
  drop: [1, { rate: u32, burstSize: withDefault(u32, 0), _: pad(4) }],
  /** Raises the drop precedence of the DSCP field by `precedenceLevel`. */
  dscpRemark: [2, { rate: u32, burstSize: withDefault(u32, 0), precedenceLevel: u8, _: pad(3) }],
  experimenter: [0xffff, { rate: u32, burstSize: withDefault(u32, 0), experimenter: u32, data: bytesToEnd }],
});

/** What happens to packets beyond a rate. @see OpenFlow 1.3.5, 7.3.4.4 (ofp_meter_band_header) */
export const meterBand = tlv({ type: u16, length: u16, alignTo: 1, lengthCountsPadding: true }, bands);

/** Adds, changes or removes a meter. @see OpenFlow 1.3.5, 7.3.4.4 (ofp_meter_mod) */
export const meterModFields = {
  command: openEnumOf(u16, { add: 0, modify: 1, delete: 2 }),
  flags: withDefault(meterFlags, {}),
  meterId: u32,
  bands: withDefault(listToEnd(meterBand), []),
};

export type MeterMod = { readonly kind: "meterMod" } & StructInput<typeof meterModFields>;
export type MeterBand = ValueOf<typeof meterBand>;
