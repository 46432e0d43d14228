/** What a switch tells, on a line each. */
import {
  type FlowNames,
  type FlowRemoved,
  type FlowUpdate,
  formatInstructions,
  type PacketIn,
  type PortDescription,
  type PortStatus,
} from "@loomstack/openflow";
import { flowConditions } from "./flow-text.ts";

/** Something that a switch tells unasked. */
export type SwitchEvent = Exclude<FlowUpdate, { readonly kind: "abbreviated" }> | FlowRemoved | PacketIn | PortStatus;

/** As much of a packet as fits on a line of a terminal. */
const mostPacketBytes = 64;

const noCookie = 2n ** 64n - 1n;

export function eventLine(event: SwitchEvent, names: FlowNames): string {
  switch (event.kind) {
    case "added":
    case "modified":
      return `flow ${event.kind} ${flowConditions(event, names)}actions=${formatInstructions(event.instructions, names)}`;
    case "deleted":
      return `flow deleted (${event.reason}) ${flowConditions(event, names).trimEnd()}`;
    case "flowRemoved":
      return `flow removed (${event.reason}) ${flowConditions(event, names)}n_packets=${event.packetCount}, n_bytes=${event.byteCount}`;
    case "packetIn":
      return packetLine(event, names);
    case "portStatus":
      return `port ${event.reason} ${portText(event.port)}`;
    case "unknown":
      return `unknown flow update of type ${event.type}: 0x${Buffer.from(event.bytes).toString("hex")}`;
  }
}

function packetLine({ tableId, reason, cookie, totalLength, match, data }: PacketIn, names: FlowNames): string {
  const { inPort } = match;
  const port = typeof inPort === "number" ? ` in_port=${names.port?.(inPort) ?? inPort}` : "";
  const start = Buffer.from(data.subarray(0, mostPacketBytes)).toString("hex");
  const rest = data.byteLength > mostPacketBytes ? "…" : "";
  const flow = cookie === noCookie ? "" : ` cookie=0x${cookie.toString(16)}`;
  return `packet${port} table=${tableId} reason=${reason}${flow} length=${totalLength} 0x${start}${rest}`;
}

function portText({ portNo, name, hwAddr, config, state }: PortDescription): string {
  const words = [...setFlags(config), ...setFlags(state)];
  return `${portNo}(${name}) addr=${hwAddr}${words.length === 0 ? "" : ` ${words.join(",")}`}`;
}

function setFlags(flags: object): readonly string[] {
  return Object.entries(flags).flatMap(([name, value]: [string, unknown]) => (value === true ? [name] : []));
}
