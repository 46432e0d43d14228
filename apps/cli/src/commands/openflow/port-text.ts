/** Ports and tables on a line each, much as ovs-ofctl prints them. */
import {
  type FlowNames,
  type PortDescription,
  type PortStats,
  type Received,
  reservedPortName,
  type TableStats,
} from "@loomstack/openflow";
import { durationText } from "./flow-text.ts";

const uncounted = 2n ** 64n - 1n;
const bitsPerKbps = 1000;

type PortNo = PortDescription["portNo"];

export function portLine({ portNo, name, hwAddr, config, state, ...speeds }: PortDescription): string {
  const now = `${speeds.currentSpeedKbps / bitsPerKbps} Mbps now, ${speeds.maxSpeedKbps / bitsPerKbps} Mbps max`;
  return ` ${portNumber(portNo)}(${name}): addr:${hwAddr}, config: ${flagTexts(config)}, state: ${flagTexts(state)}, speed: ${now}`;
}

export function portStatsLine(stats: PortStats, names: FlowNames): string {
  const { rxPackets, rxBytes, rxDropped, rxErrors, rxFrameErrors, rxOverrunErrors, rxCrcErrors } = stats;
  const { txPackets, txBytes, txDropped, txErrors, collisions } = stats;
  const rx = counters({
    ...{ pkts: rxPackets, bytes: rxBytes, drop: rxDropped, errs: rxErrors },
    ...{ frame: rxFrameErrors, over: rxOverrunErrors, crc: rxCrcErrors },
  });
  const tx = counters({ pkts: txPackets, bytes: txBytes, drop: txDropped, errs: txErrors, coll: collisions });
  const port = reservedPortName(stats.portNo) ?? names.port?.(stats.portNo) ?? stats.portNo;
  return ` port ${port}: rx ${rx}; tx ${tx}; duration=${durationText(stats)}`;
}

/** Tables that follow each other and have counted the same are one line. */
export function tableLines(tables: readonly TableStats[]): readonly string[] {
  const runs: { readonly first: number; last: number; readonly text: string }[] = [];
  for (const { tableId, activeCount, lookupCount, matchedCount } of tables) {
    const text = `active=${activeCount}, lookup=${lookupCount}, matched=${matchedCount}`;
    const run = runs.at(-1);
    if (run?.text === text && run.last === tableId - 1) run.last = tableId;
    else runs.push({ first: tableId, last: tableId, text });
  }
  return runs.map(
    ({ first, last, text }) => ` ${first === last ? `table ${first}` : `tables ${first}...${last}`}: ${text}`,
  );
}

export function featuresLine({ dpid, tableCount, bufferCount, capabilities }: Received<"featuresReply">): string {
  const words = Object.entries(capabilities).flatMap(([name, value]) => (value === true ? [upperSnake(name)] : []));
  return `dpid:${dpid.toString(16).padStart(16, "0")} n_tables:${tableCount} n_buffers:${bufferCount} capabilities: ${words.join(" ")}`;
}

function counters(values: Readonly<Record<string, bigint>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value === uncounted ? "?" : value}`)
    .join(", ");
}

function portNumber(portNo: PortNo): string {
  return reservedPortName(portNo) ?? portNo.toString();
}

function flagTexts(flags: object): string {
  const words = Object.entries(flags).flatMap(([name, value]: [string, unknown]) =>
    value === true ? [upperSnake(name)] : [],
  );
  return words.length === 0 ? "0" : words.join(" ");
}

function upperSnake(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toUpperCase();
}
