import type { Dpid, Mac } from "@loomstack/core";
import { actionSamples } from "../src/of13/action.samples.ts";
import { fieldSamples } from "../src/of13/field.samples.ts";
import type { Match } from "../src/of13/match.ts";
import type { Message } from "../src/of13/messages.ts";
import { flowMod } from "../src/of13/messages/flow-mod.ts";
import type { PortDescription } from "../src/of13/port-description.ts";
import { ofPort } from "../src/of13/ports.ts";

const plain = { tableId: 0, priority: 1, cookie: 1n };
const port: PortDescription = {
  ...{ portNo: ofPort(1), hwAddr: "52:54:00:00:00:01" as Mac, name: "p1", config: { portDown: true }, state: {} },
  ...{ current: { full1Gb: true }, advertised: {}, supported: {}, peer: {}, currentSpeedKbps: 0, maxSpeedKbps: 0 },
};
const inPort1 = { inPort: ofPort(1) };
/** What OpenFlow 1.0 can ask for. */
const plainMatches: readonly Match[] = [
  { ethType: 0x0800, ipProto: 6, tcpSrc: 1, tcpDst: 2, ipDscp: 3 },
  { ethType: 0x0806, arpOp: 1 },
  { vlanVid: 0x1005, vlanPcp: 1 },
  { vlanVid: 0 },
];

/** One flow mod for each field and action, and the messages whose form differs between versions. */
export const sampleMessages: readonly Message[] = [
  ...actionSamples.map(({ match, instructions }) => flowMod("add", { ...plain, match, instructions })),
  ...fieldSamples.map(({ match }) => flowMod("add", { ...plain, match, instructions: [] })),
  ...plainMatches.map((match) => flowMod("add", { ...plain, match, instructions: [] })),
  {
    ...{ kind: "featuresReply", dpid: 1n as Dpid, bufferCount: 1, tableCount: 2, auxiliaryId: 0 },
    ...{ capabilities: { flowStats: true }, ports: [port] },
  },
  { kind: "portStatus", reason: "add", port },
  { kind: "multipartReply", body: { kind: "portDescription", entries: [port, port] } },
  {
    ...{ kind: "packetIn", bufferId: 1, totalLength: 4, reason: "action", tableId: 1, cookie: 1n },
    ...{ match: inPort1, data: Uint8Array.of(1, 2, 3, 4) },
  },
  {
    ...{ kind: "flowRemoved", cookie: 1n, priority: 2, reason: "delete", tableId: 3, durationSec: 4, durationNsec: 5 },
    ...{ idleTimeoutSec: 6, hardTimeoutSec: 7, packetCount: 8n, byteCount: 9n, match: inPort1 },
  },
  { kind: "packetOut", actions: [{ kind: "output", port: ofPort(2) }], data: Uint8Array.of(1, 2) },
];
