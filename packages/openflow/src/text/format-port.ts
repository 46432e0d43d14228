/** Ports in ovs-ofctl's syntax: what it prints for `dump-ports-desc` and `dump-ports`, several lines for each. */
import type { PortStats } from "../of13/multipart/port-stats.ts";
import type { PortDescription } from "../of13/port-description.ts";
import { bitWords } from "./bit-words.ts";
import { formatDuration } from "./format-duration.ts";
import { type FlowNames, portName } from "./names.ts";

const bitsPerKbps = 1000;
const notCounted = 2n ** 64n - 1n;
const noDuration = 0xffff_ffff;
/** Ports up to here have a blank in front, so that the numbers of most ports stand below each other. */
const oneDigit = 9;

const configWords = { portDown: "PORT_DOWN", noReceive: "NO_RECV", noForward: "NO_FWD", noPacketIn: "NO_PACKET_IN" };
const stateWords = { linkDown: "LINK_DOWN", blocked: "BLOCKED", live: "LIVE" };
const featureWords = {
  ...{ half10Mb: "10MB-HD", full10Mb: "10MB-FD", half100Mb: "100MB-HD", full100Mb: "100MB-FD" },
  ...{ half1Gb: "1GB-HD", full1Gb: "1GB-FD", full10Gb: "10GB-FD", full40Gb: "40GB-FD" },
  ...{ full100Gb: "100GB-FD", full1Tb: "1TB-FD", otherSpeed: "OTHER", copper: "COPPER", fiber: "FIBER" },
  ...{ autoNegotiation: "AUTO_NEG", pause: "AUTO_PAUSE", asymmetricPause: "AUTO_PAUSE_ASYM" },
};

/** What ports are, in the order of their numbers. */
export function formatPorts(ports: Iterable<PortDescription>): string {
  return [...ports]
    .sort((one, other) => one.portNo - other.portNo)
    .map(formatPort)
    .join("\n");
}

/** What a port is, with what it is set to and can do. */
export function formatPort(port: PortDescription): string {
  const { portNo, name, hwAddr, config, state, current, advertised, supported, peer } = port;
  const features = [
    ["current:    ", current],
    ["advertised: ", advertised],
    ["supported:  ", supported],
    ["peer:       ", peer],
  ] as const;
  return [
    ` ${portName(portNo, {})}(${printable(name)}): addr:${hwAddr}`,
    `     config:     ${bitWords(config, configWords)}`,
    `     state:      ${bitWords(state, stateWords)}`,
    ...features.flatMap(([label, set]) => {
      const text = bitWords(set, featureWords);
      return text === "0" ? [] : [`     ${label}${text}`];
    }),
    `     speed: ${mbps(port.currentSpeedKbps)} Mbps now, ${mbps(port.maxSpeedKbps)} Mbps max`,
  ].join("\n");
}

/** What a port has counted; a counter that the switch doesn't have is `?`. */
export function formatPortStats(stats: PortStats, names: FlowNames = {}): string {
  const { portNo, durationSec, durationNsec } = stats;
  const rx = counters([
    ...([["pkts", stats.rxPackets] as const, ["bytes", stats.rxBytes], ["drop", stats.rxDropped]] as const),
    ...([["errs", stats.rxErrors] as const, ["frame", stats.rxFrameErrors]] as const),
    ...([["over", stats.rxOverrunErrors] as const, ["crc", stats.rxCrcErrors]] as const),
  ]);
  const tx = counters([
    ...([["pkts", stats.txPackets] as const, ["bytes", stats.txBytes], ["drop", stats.txDropped]] as const),
    ...([["errs", stats.txErrors] as const, ["coll", stats.collisions]] as const),
  ]);
  return [
    `  port ${portNo <= oneDigit ? " " : ""}${portName(portNo, names)}: rx ${rx}`,
    `           tx ${tx}`,
    ...(durationSec === noDuration ? [] : [`           duration=${formatDuration(durationSec, durationNsec)}`]),
  ].join("\n");
}

function counters(named: readonly (readonly [name: string, count: bigint])[]): string {
  return named.map(([name, count]) => `${name}=${count === notCounted ? "?" : count}`).join(", ");
}

function mbps(kbps: number): number {
  return Math.floor(kbps / bitsPerKbps);
}

/** Up to the first character that isn't for a terminal. */
function printable(name: string): string {
  return /^[\x20-\x7e]*/.exec(name)?.[0] ?? "";
}
