/** What a switch tells, on a line each. */
import {
  type FlowNames,
  type FlowRemoved,
  type FlowUpdate,
  formatFlow,
  formatFlowKey,
  type PortDescription,
  type PortStatus,
} from "@loomstack/openflow";
import { packetLine, type Punted } from "./packet-text.ts";

/** Something that a switch tells unasked. */
export type SwitchEvent = Exclude<FlowUpdate, { readonly kind: "abbreviated" }> | FlowRemoved | Punted | PortStatus;

export function eventLine(event: SwitchEvent, names: FlowNames): string {
  switch (event.kind) {
    case "added":
    case "modified":
      return `flow ${event.kind} ${formatFlow(event, names)}`;
    case "deleted":
      return `flow deleted (${event.reason}) ${formatFlowKey(event, names)}`;
    case "flowRemoved":
      return `flow removed (${event.reason}) ${formatFlowKey(event, names)}, n_packets=${event.packetCount}, n_bytes=${event.byteCount}`;
    case "packetIn":
    case "packetIn2":
    case "nxtPacketIn":
      return packetLine(event, names);
    case "portStatus":
      return `port ${event.reason} ${portText(event.port)}`;
    case "unknown":
      return `unknown flow update of type ${event.type}: 0x${Buffer.from(event.bytes).toString("hex")}`;
  }
}

function portText({ portNo, name, hwAddr, config, state }: PortDescription): string {
  const words = [...setFlags(config), ...setFlags(state)];
  return `${portNo}(${name}) addr=${hwAddr}${words.length === 0 ? "" : ` ${words.join(",")}`}`;
}

function setFlags(flags: object): readonly string[] {
  return Object.entries(flags).flatMap(([name, value]: [string, unknown]) => (value === true ? [name] : []));
}
