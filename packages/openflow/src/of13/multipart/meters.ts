import {
  bits,
  type InputOf,
  listToEnd,
  mapped,
  pad,
  sized,
  struct,
  type StructValue,
  u16,
  u32,
  u64,
  u8,
  type ValueOf,
  withDefault,
} from "@loomstack/wire";
import { Meter, meterBand, meterFlags } from "../messages/meter-mod.ts";

/** @see OpenFlow 1.3.5, 7.3.5.12 (ofp_meter_multipart_request) */
export const meterRequestFields = { meterId: withDefault(u32, Meter.all), _: pad(4) };

const meterCounters = struct({
  flowCount: u32,
  packetInCount: u64,
  byteInCount: u64,
  durationSec: u32,
  durationNsec: u32,
  bands: listToEnd(struct({ packetBandCount: u64, byteBandCount: u64 })),
});

/** Counters of a meter and of its bands. @see OpenFlow 1.3.5, 7.3.5.12 (ofp_meter_stats) */
export const meterStats = mapped(
  struct({ meterId: u32, counters: sized(u16, meterCounters, { countsItself: true, countsBefore: 4, gap: 6 }) }),
  {
    decode: ({ meterId, counters }) => ({ meterId, ...counters }),
    encode: ({ meterId, ...counters }: { readonly meterId: number } & InputOf<typeof meterCounters>) => ({
      meterId,
      counters,
    }),
  },
);

export const meterStatsReplyFields = { entries: listToEnd(meterStats) };

/** A meter as it was made. @see OpenFlow 1.3.5, 7.3.5.13 (ofp_meter_config) */
export const meterConfig = sized(u16, struct({ flags: meterFlags, meterId: u32, bands: listToEnd(meterBand) }), {
  countsItself: true,
});

export const meterConfigReplyFields = { entries: listToEnd(meterConfig) };

/** What meters a switch can have. @see OpenFlow 1.3.5, 7.3.5.14 (ofp_meter_features) */
export const meterFeaturesReplyFields = {
  maxMeters: u32,
  bandTypes: bits(u32, { drop: 1, dscpRemark: 2 }),
  capabilities: bits(u32, { kbps: 0, pktps: 1, burst: 2, stats: 3 }),
  maxBands: u8,
  maxColor: u8,
  _: pad(2),
};

export type MeterStats = ValueOf<typeof meterStats>;
export type MeterConfig = ValueOf<typeof meterConfig>;
export type MeterFeatures = StructValue<typeof meterFeaturesReplyFields>;
