import type { Dpid, Mac } from "@loomstack/core";
import { expect, test } from "vitest";
import type { Envelope, ReceivedMessage } from "../of13/messages.ts";
import type { PortDescription } from "../of13/port-description.ts";
import { ofPort } from "../of13/ports.ts";
import type { OpenFlowVersion } from "../version/version.ts";
import { handshake, type HandshakeEffect, type HandshakeState, newHandshake } from "./handshake.ts";

const dpid = 0x42n as Dpid;
const feature: ReceivedMessage = {
  kind: "featuresReply",
  dpid,
  bufferCount: 0,
  tableCount: 254,
  auxiliaryId: 0,
  capabilities: {},
};
const port = (number: number): PortDescription => ({
  ...{ portNo: ofPort(number), hwAddr: "52:54:00:00:00:01" as Mac, name: `p${number}`, config: {}, state: {} },
  ...{ current: {}, advertised: {}, supported: {}, peer: {}, currentSpeedKbps: 0, maxSpeedKbps: 0 },
});
const portsReply = (entries: readonly PortDescription[], more: boolean): ReceivedMessage => ({
  kind: "multipartReply",
  more,
  body: { kind: "portDescription", entries },
});
const hello = (...versions: number[]): ReceivedMessage => ({
  kind: "hello",
  elements: [{ kind: "versionBitmap", versions }],
});
const envelope = (message: ReceivedMessage, xid: number, version = 4): Envelope => ({
  version,
  type: 0,
  length: 8,
  xid,
  message,
});

interface Run {
  readonly state: HandshakeState;
  readonly effects: readonly HandshakeEffect[];
}

function run(...envelopes: readonly Envelope[]): Run {
  return runWith(["1.3"], ...envelopes);
}

function runWith(versions: readonly OpenFlowVersion[], ...envelopes: readonly Envelope[]): Run {
  let { state, effects } = handshake(newHandshake("s1", versions), { kind: "opened" });
  for (const received of envelopes) {
    const next = handshake(state, { kind: "received", envelope: received });
    state = next.state;
    effects = [...effects, ...next.effects];
  }
  return { state, effects };
}

const outline = (effects: readonly HandshakeEffect[]): readonly string[] =>
  effects.map((effect) => (effect.kind === "send" ? effect.message.kind : effect.kind));

test("a switch is live once it has said hello, what it is and all its ports", () => {
  const { state, effects } = run(
    envelope(hello(1, 4), 9),
    envelope(feature, 2),
    envelope(portsReply([port(1)], true), 3),
    envelope(portsReply([port(2)], false), 3),
  );
  expect(outline(effects)).toEqual(["hello", "featuresRequest", "multipartRequest", "live"]);
  expect(state.phase).toBe("live");
  expect(effects.at(-1)).toEqual({ kind: "live", facts: { dpid, features: feature, ports: [port(1), port(2)] } });
});

test("a hello without a bitmap makes it the lower of both versions", () => {
  expect(run(envelope({ kind: "hello", elements: [] }, 1, 6)).state.phase).toBe("features");
  expect(run(envelope({ kind: "hello", elements: [] }, 1, 1)).state.phase).toBe("failed");
});

test("a switch without OpenFlow 1.3 is told so, and refused with what it offers", () => {
  const { state, effects } = run(envelope(hello(1, 6), 9, 6));
  expect(state.phase).toBe("failed");
  expect(outline(effects)).toEqual(["hello", "error", "fail"]);
  const failure = effects.at(-1);
  expect(failure?.kind === "fail" && failure.error.message).toBe(
    "s1 doesn't speak OpenFlow 1.3 (it offers version 1, 6): add OpenFlow13 to its bridge's protocols",
  );
});

test("a switch that starts with anything but a hello is refused", () => {
  const failure = run(envelope(feature, 2)).effects.at(-1);
  expect(failure?.kind === "fail" && failure.error.code).toBe("OPENFLOW__UNEXPECTED_MESSAGE");
});

test("an error ends the handshake with its name", () => {
  const failure = run(envelope({ kind: "error", type: 0, code: 1, data: new Uint8Array() }, 1)).effects.at(-1);
  expect(failure?.kind === "fail" && failure.error.message).toBe(
    "s1 refused the handshake (hello): OFPHFC_EPERM (0,1)",
  );
});

test("what a switch may say at any time doesn't disturb the handshake", () => {
  const status: ReceivedMessage = { kind: "portStatus", reason: "add", port: port(7) };
  const { effects } = run(
    envelope(hello(4), 9),
    envelope(status, 0),
    envelope(feature, 2),
    envelope(status, 0),
    envelope(portsReply([], false), 3),
  );
  expect(outline(effects)).toEqual(["hello", "featuresRequest", "multipartRequest", "live"]);
});

const versions: readonly OpenFlowVersion[] = ["1.0", "1.3", "1.5"];
const spoken = (...envelopes: readonly Envelope[]): string => {
  const { state } = runWith(versions, ...envelopes);
  return state.phase === "failed" ? "failed" : state.dialect.version;
};

test("of all versions that both bitmaps have, the highest is spoken", () => {
  expect(spoken(envelope(hello(1, 4), 9, 4))).toBe("1.3");
  expect(spoken(envelope(hello(1, 2, 3), 9, 3))).toBe("1.0");
  expect(spoken(envelope(hello(4, 5, 6, 7), 9, 7))).toBe("1.5");
  expect(spoken(envelope(hello(2, 3, 5), 9, 5))).toBe("failed");
});

test("without a bitmap, a version between ours is none of ours: the switch would speak it", () => {
  const old: ReceivedMessage = { kind: "hello", elements: [] };
  expect(spoken(envelope(old, 9, 1))).toBe("1.0");
  expect(spoken(envelope(old, 9, 4))).toBe("1.3");
  expect(spoken(envelope(old, 9, 5))).toBe("failed");
  expect(spoken(envelope(old, 9, 9))).toBe("1.5");
});

test("a switch of OpenFlow 1.0 is asked for its tables, and its ports are those of its features", () => {
  const features: ReceivedMessage = { ...feature, ports: [port(1)] };
  const asked = runWith(versions, envelope(hello(1), 9, 1), envelope(features, 2, 1));
  expect(outline(asked.effects)).toEqual(["hello", "featuresRequest", "flowModTableId", "barrierRequest"]);
  const refused = runWith(
    versions,
    ...[envelope(hello(1), 9, 1), envelope(features, 2, 1)],
    envelope({ kind: "portStatus", reason: "add", port: port(2) }, 0, 1),
    envelope({ kind: "error", type: 1, code: 3, data: new Uint8Array() }, 5, 1),
    envelope({ kind: "barrierReply" }, 6, 1),
  );
  const live = refused.effects.at(-1);
  expect(live?.kind === "live" && live.facts.ports).toEqual([port(1), port(2)]);
  expect(() => refused.state.dialect.encode({ kind: "flowMod", command: "add", tableId: 1 }, 1)).toThrow(
    "OpenFlow 1.0 can't say table 1",
  );
});

test("an auxiliary connection is refused by its name", () => {
  const failure = run(envelope(hello(4), 9), envelope({ ...feature, auxiliaryId: 1 }, 2)).effects.at(-1);
  expect(failure?.kind === "fail" && failure.error.code).toBe("OPENFLOW__AUXILIARY_CONNECTION");
});
