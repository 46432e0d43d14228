/**
 * Whole messages as text for people. Flows, groups, meters, ports, tables and what a switch says of itself are as ovs-ofctl
 * prints them; the rest is ours: the name of the message as OpenFlow has it, and its properties by their names here.
 */
import type { Envelope, ReceivedMessage } from "../of13/messages.ts";
import { formatActions } from "./format-actions.ts";
import { formatFlowMod, formatFlowStats } from "./format-flow.ts";
import { formatBucketGroup, formatGroup, formatGroupStats } from "./format-group.ts";
import { formatMatch } from "./format-match.ts";
import { formatMeter, formatMeterStats } from "./format-meter.ts";
import { formatPort, formatPorts, formatPortStats } from "./format-port.ts";
import { formatProperties } from "./format-properties.ts";
import { formatConfig, formatDescription, formatFeatures } from "./format-switch.ts";
import { formatTableStats } from "./format-table-stats.ts";
import { type FlowNames, portName } from "./names.ts";

/** @example "FLOW_MOD (OF1.3) (xid=0x7): add table=3, priority=100,arp actions=drop" */
export function formatMessage(envelope: Envelope, names: FlowNames = {}): string {
  const { version, xid, message } = envelope;
  const body = formatBody(message, names);
  const name = "body" in message ? `${snake(message.kind)} ${snake(message.body.kind)}` : snake(message.kind);
  return `${name.toUpperCase()} (${versionText(version)}) (xid=0x${xid.toString(16)})${body === "" ? "" : `: ${body}`}`;
}

function formatBody(message: ReceivedMessage, names: FlowNames): string {
  switch (message.kind) {
    case "flowMod":
      return formatFlowMod(message, names);
    case "groupMod":
      return `${message.command} ${formatGroup(message, names)}`;
    case "bucketGroupMod":
      return `${snake(message.command.toString())} ${formatBucketGroup(message, names)}`;
    case "meterMod":
      return `${message.command} ${formatMeter(message)}`;
    case "packetOut":
      return `in_port=${portName(message.inPort, names)} actions=${formatActions(message.actions, names) || "drop"} data_len=${message.data.byteLength} ${hexOf(message.data)}`;
    case "featuresReply":
      return formatFeatures(message);
    case "getConfigReply":
    case "setConfig":
      return formatConfig(message);
    case "portStatus":
      return `${message.reason} ${formatPort(message.port)}`;
    case "multipartReply":
      return `${formatReply(message.body, names)}${message.more ? "\n[more]" : ""}`;
    case "multipartRequest":
      return formatProperties(message.body, printers(names));
    default:
      return formatProperties(message, printers(names));
  }
}

type ReplyBody = Extract<ReceivedMessage, { readonly kind: "multipartReply" }>["body"];

function formatReply(body: ReplyBody, names: FlowNames): string {
  switch (body.kind) {
    case "flow":
      return lines(body.entries, (flow) => formatFlowStats(flow, names));
    case "groupDescription":
      return lines(body.entries, (group) => formatGroup(group, names));
    case "group":
      return lines(body.entries, formatGroupStats);
    case "portDescription":
      return `\n${formatPorts(body.entries)}`;
    case "port":
      return `${body.entries.length} ports\n${body.entries.map((port) => formatPortStats(port, names)).join("\n")}`;
    case "table":
      return `\n${formatTableStats(body.entries)}`;
    case "description":
      return `\n${formatDescription(body)}`;
    case "meterConfig":
      return lines(body.entries, formatMeter);
    case "meter":
      return lines(body.entries, formatMeterStats);
    default:
      return "entries" in body
        ? lines<object>(body.entries, (entry) => formatProperties(entry, printers(names)))
        : formatProperties(body, printers(names));
  }
}

function lines<Entry>(entries: readonly Entry[], format: (entry: Entry) => string): string {
  return entries.map((entry) => `\n ${format(entry)}`).join("");
}

/** How properties of some names are printed. */
function printers(names: FlowNames): ReadonlyMap<string, (value: never) => string> {
  return new Map<string, (value: never) => string>([
    ["match", (value: Parameters<typeof formatMatch>[0]) => formatMatch(value, names).join(",")],
    ["actions", (value: Parameters<typeof formatActions>[0]) => formatActions(value, names) || "drop"],
    ["inPort", (value: Parameters<typeof portName>[0]) => portName(value, names)],
    ["outPort", (value: Parameters<typeof portName>[0]) => portName(value, names)],
    ["portNo", (value: Parameters<typeof portName>[0]) => portName(value, names)],
  ]);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function versionText(version: number): string {
  return version === 0 ? "no version" : `OF1.${version - 1}`;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
