import {
  bytesToEnd,
  type Codec,
  listToEnd,
  mapped,
  pad,
  sized,
  struct,
  u16,
  u32,
  u64,
  type ValueOf,
  variants,
  withDefault,
} from "@loomstack/wire";
import { meterFeaturesReplyFields } from "../../of13/multipart/meters.ts";
import type { PortStats } from "../../of13/multipart/port-stats.ts";
import { portNo } from "../../of13/ports.ts";
import { property } from "../../onf/properties.ts";
import { keptProperties } from "../properties.ts";

const notCounted = 2n ** 64n - 1n;

/** @see OpenFlow 1.5.1, 7.3.5.7 (ofp_port_stats_prop_type) */
const portProperty = property(
  variants({
    ethernet: [0, { _: pad(4), rxFrameErrors: u64, rxOverrunErrors: u64, rxCrcErrors: u64, collisions: u64 }],
  }),
);

const portProperties = listToEnd(portProperty);

const port = sized(
  u16,
  struct({
    portNo,
    durationSec: u32,
    durationNsec: u32,
    rxPackets: u64,
    txPackets: u64,
    rxBytes: u64,
    txBytes: u64,
    rxDropped: u64,
    txDropped: u64,
    rxErrors: u64,
    txErrors: u64,
    properties: portProperties,
  }),
  { countsItself: true, gap: 2 },
);

const noEthernet = {
  ...{ kind: "ethernet", rxFrameErrors: notCounted, rxOverrunErrors: notCounted },
  ...{ rxCrcErrors: notCounted, collisions: notCounted },
} as const;

type Property = ValueOf<typeof portProperty>;
type Ethernet = Extract<Property, { readonly kind: "ethernet" }>;

/** Counters of a port with those that OpenFlow 1.3 doesn't have. */
interface PortStats15 extends PortStats {
  readonly properties?: readonly Property[];
}

function ethernetOf({ rxFrameErrors, rxOverrunErrors, rxCrcErrors, collisions }: PortStats): Ethernet {
  return { kind: "ethernet", rxFrameErrors, rxOverrunErrors, rxCrcErrors, collisions };
}

/** Counters of a port. @see OpenFlow 1.5.1, 7.3.5.7 (ofp_port_stats) */
const portStats15 = mapped(port, {
  decode: ({ properties, ...rest }): PortStats15 => {
    const found = properties.find((member): member is Ethernet => member.kind === "ethernet");
    const { kind: _, ...ethernet } = found ?? noEthernet;
    const stats = { ...rest, ...ethernet };
    return { ...stats, ...keptProperties(portProperties, properties, [ethernetOf(stats)]) };
  },
  encode: (stats: PortStats15) => ({ ...stats, properties: stats.properties ?? [ethernetOf(stats)] }),
});

export const portStatsReplyFields15 = { entries: listToEnd(portStats15) };

/** @see OpenFlow 1.5.1, 7.3.5.8 (ofp_queue_stats) */
const queueStats15 = sized(
  u16,
  struct({
    portNo,
    queueId: u32,
    txBytes: u64,
    txPackets: u64,
    txErrors: u64,
    durationSec: u32,
    durationNsec: u32,
    properties: withDefault(bytesToEnd, new Uint8Array()),
  }),
  { countsItself: true, gap: 6 },
);

export const queueStatsReplyFields15 = { entries: listToEnd(queueStats15) };

/** What OpenFlow 1.5 added to a structure, and Open vSwitch hasn't. */
const laterFields: Codec<undefined> = {
  read(reader) {
    reader.skip(reader.remaining);
    return undefined;
  },
  write: () => undefined,
};

/** @see OpenFlow 1.5.1, 7.3.5.14 (ofp_meter_features) */
export const meterFeaturesReplyFields15 = { ...meterFeaturesReplyFields, _later: laterFields };
