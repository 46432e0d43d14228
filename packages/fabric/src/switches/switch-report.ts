/** A switch in the words of the northbounds. */
import type { OfPort } from "@loomstack/core";
import type { PortCounters, SwitchPort, SwitchStatistics, TableCounters } from "@loomstack/model";
import {
  type PortDescription,
  portStats,
  type PortStats,
  type SwitchConnection,
  tableStats,
  type TableStats,
} from "@loomstack/openflow";
import { portText } from "./port-text.ts";

export function portsReport(ports: ReadonlyMap<OfPort, PortDescription>): SwitchPort[] {
  return [...ports.values()]
    .toSorted((a, b) => a.portNo - b.portNo)
    .map(({ portNo, name, hwAddr, config, state, currentSpeedKbps }) => ({
      port: portText(portNo),
      name,
      mac: hwAddr,
      config: setBits(config),
      state: setBits(state),
      speedKbps: currentSpeedKbps,
    }));
}

/** @throws OPENFLOW__… */
export async function askStatistics(connection: SwitchConnection): Promise<SwitchStatistics> {
  const [ports, tables] = await Promise.all([connection.request(portStats()), connection.request(tableStats())]);
  const used = tables.filter(({ activeCount, lookupCount }) => activeCount > 0 || isCounted(lookupCount));
  return {
    ports: ports.map(portCounters),
    tables: used.map(tableCounters),
    tableCount: connection.features.tableCount,
  };
}

export function portCounters(stats: PortStats): PortCounters {
  return {
    port: portText(stats.portNo),
    rxPackets: counter(stats.rxPackets),
    txPackets: counter(stats.txPackets),
    rxBytes: counter(stats.rxBytes),
    txBytes: counter(stats.txBytes),
    rxDropped: counter(stats.rxDropped),
    txDropped: counter(stats.txDropped),
    rxErrors: counter(stats.rxErrors),
    txErrors: counter(stats.txErrors),
  };
}

function tableCounters({ tableId, activeCount, lookupCount, matchedCount }: TableStats): TableCounters {
  return { table: tableId, active: activeCount, lookups: counter(lookupCount), matched: counter(matchedCount) };
}

/** All ones where the switch doesn't count. @see OpenFlow 1.3.5, 7.3.5 */
const uncounted = 2n ** 64n - 1n;

function counter(value: bigint): string | null {
  return value === uncounted ? null : value.toString();
}

function isCounted(value: bigint): boolean {
  return value !== 0n && value !== uncounted;
}

function setBits(bits: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(bits)
    .filter(([, isSet]) => isSet === true)
    .map(([name]) => name);
}
