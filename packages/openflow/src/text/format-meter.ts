/** Meters in ovs-ofctl's syntax: what it prints for `dump-meters`, and reads in `add-meter`. */
import type { MeterBand, MeterMod } from "../of13/messages/meter-mod.ts";
import type { MeterConfig, MeterStats } from "../of13/multipart/meters.ts";
import { formatDuration } from "./format-duration.ts";
import { meterWords } from "./meter-words.ts";

/** The flags in the order in which they are printed. */
const flagWords = ["kbps", "pktps", "burst", "stats"] as const;

/** A line for the meter, and one for each of its bands. */
export function formatMeter({ meterId, flags = {}, bands = [] }: MeterConfig | MeterMod): string {
  const words = flagWords.filter((word) => flags[word] === true).map((word) => `${word} `);
  const bandLines = bands.map((band) => `\n${formatBand(band as MeterBand, flags.burst === true)}`);
  return `meter=${meterText(meterId)} ${words.join("")}bands=${bandLines.join("")}`;
}

export function formatMeterStats(stats: MeterStats): string {
  const { meterId, flowCount, packetInCount, byteInCount, durationSec, durationNsec, bands } = stats;
  const head = `meter:${meterText(meterId)} flow_count:${flowCount} packet_in_count:${packetInCount} byte_in_count:${byteInCount}`;
  const counts = bands.map(
    ({ packetBandCount, byteBandCount }, index) =>
      `\n${index}: packet_count:${packetBandCount} byte_count:${byteBandCount}`,
  );
  return `${head} duration:${formatDuration(durationSec, durationNsec)} bands:${counts.join("")}`;
}

export function meterText(meterId: number): string {
  return meterWords.get(meterId) ?? meterId.toString();
}

function formatBand(band: MeterBand, hasBurst: boolean): string {
  if (band.kind === "unknown") return `type=${band.type}`;
  const type = band.kind === "drop" ? "drop" : band.kind === "dscpRemark" ? "dscp_remark" : "65535";
  const burst = hasBurst ? ` burst_size=${band.burstSize}` : "";
  return `type=${type} rate=${band.rate}${burst}${band.kind === "dscpRemark" ? ` prec_level=${band.precedenceLevel}` : ""}`;
}
