import type { PuntedPacketsAnswer, SwitchAnswer, SwitchesAnswer, SwitchStatisticsAnswer } from "@loomstack/api";
import type { Sheet } from "../../render/sheet.ts";
import { type Cell, sheetOf } from "./answer-text.ts";

/** One row for each switch; of its flows how many are installed, of how many that are wanted. */
export function switchesSheet(switches: SwitchesAnswer["switches"]): Sheet {
  const headings = ["Switch", "Name", "State", "Version", "Address", "Flows", "Reason"];
  return sheetOf(
    headings,
    switches.map(({ dpid, name, state, version, address, flows, reason }) => {
      return [dpid, name, state, version, address, `${flows.installed}/${flows.wanted}`, reason];
    }),
  );
}

/** What a switch is, and its ports. */
export function switchSheets(shown: SwitchAnswer): readonly Sheet[] {
  const { description, flows, counters, ports } = shown;
  const properties: readonly (readonly Cell[])[] = [
    ["name", shown.name],
    ["added", shown.registered],
    ["state", `${shown.state}: ${shown.reason}`],
    ["address", shown.address],
    ["OpenFlow", shown.version],
    ["certificate", shown.certificate],
    ["hypervisor", shown.hypervisor],
    ["manufacturer", description?.manufacturer],
    ["hardware", description?.hardware],
    ["software", description?.software],
    ["serial number", description?.serialNumber],
    ["datapath", description?.datapath],
    ["flows", `${flows.wanted} wanted, ${flows.installed} installed, ${flows.refused} refused`],
    ["flow messages sent", counters.flowModsSent],
    ["drift repaired", counters.driftRepaired],
    ["connections", counters.connections],
    ["packets punted", counters.packetsPunted],
    ["punts metered", puntMeterText(shown.puntMeter)],
  ];
  return [
    sheetOf(["Property", "Value"], properties, `Switch ${shown.dpid}`),
    sheetOf(
      ["Port", "Name", "MAC", "Config", "State", "kbit/s"],
      ports.map(({ port, name, mac, config, state, speedKbps }) => [port, name, mac, config, state, speedKbps]),
      "Ports",
    ),
  ];
}

/** Whether the switch itself drops packets to the controller beyond a rate, and why it doesn't. */
function puntMeterText(meter: SwitchAnswer["puntMeter"]): Cell {
  if (meter === null) return undefined;
  return meter.metered ? "yes" : `no: ${meter.reason}`;
}

/** A counter that the switch doesn't have is a question mark, as ovs-ofctl(8) prints it. */
export function statisticsSheets({ ports, tables, tableCount }: SwitchStatisticsAnswer): readonly Sheet[] {
  const said = (counter: string | null): string => counter ?? "?";
  const directions = ["Packets", "Bytes", "Dropped", "Errors"];
  const portHeadings = ["Port", ...directions.flatMap((what) => [`RX ${what}`, `TX ${what}`])];
  const portRows = ports.map(({ port, ...of }) => [
    port,
    ...[of.rxPackets, of.txPackets, of.rxBytes, of.txBytes].map(said),
    ...[of.rxDropped, of.txDropped, of.rxErrors, of.txErrors].map(said),
  ]);
  const tableRows = tables.map(({ table, active, lookups, matched }) => [table, active, said(lookups), said(matched)]);
  return [
    sheetOf(portHeadings, portRows, "Ports"),
    sheetOf(["Table", "Flows", "Lookups", "Matched"], tableRows, `Tables in use, of ${tableCount}`),
  ];
}

/** The last packets, oldest first, in hexadecimal. */
export function packetSheets({ count, last }: PuntedPacketsAnswer): readonly Sheet[] {
  const headings = ["Time", "In Port", "Table", "Flow", "Reason", "Bytes", "Start"];
  const rows = last.map(({ at, inPort, table, flow, reason, totalBytes, start }) => {
    return [new Date(at).toISOString(), inPort, table, flow, reason, totalBytes, start];
  });
  return [sheetOf(headings, rows, `Packets: ${count}; the last ${last.length} of them`)];
}
