/**
 * From an open connection to a switch that we know, as a pure state machine:
 *
 *   hello ──(hello with a common version)──▶ features ──(features reply)──▶ ports ──(all port descriptions)──▶ live
 *
 * Anything else that isn't harmless on the way ends it. @see OpenFlow 1.3.5, 6.3.1
 */
import { type Dpid, LoomstackError, type Step } from "@loomstack/core";
import { errorName } from "../of13/error-names.ts";
import { version13 } from "../of13/header.ts";
import type { Envelope, Message, Received } from "../of13/messages.ts";
import type { PortDescription } from "../of13/port-description.ts";
import { features, portDescriptions } from "../of13/requests.ts";

export type HandshakeState = { readonly peer: string } & (
  | { readonly phase: "new" | "hello" | "features" | "live" | "failed" }
  | { readonly phase: "ports"; readonly dpid: Dpid; readonly ports: readonly PortDescription[] }
);

export type HandshakeInput = { readonly kind: "opened" } | { readonly kind: "received"; readonly envelope: Envelope };

export type HandshakeEffect =
  | { readonly kind: "send"; readonly message: Message; readonly xid: number }
  | { readonly kind: "live"; readonly dpid: Dpid; readonly ports: readonly PortDescription[] }
  | { readonly kind: "fail"; readonly error: LoomstackError };

type Result = ReturnType<Step<HandshakeState, HandshakeInput, HandshakeEffect>>;

/** The most ports that a switch may describe before it is taken for a broken one. */
const mostPorts = 65_536;

/** Transaction ids of the handshake; the first free one is `firstXid`. */
const xids = { hello: 1, features: 2, ports: 3 } as const;
export const firstXid = 16;

export const handshake: Step<HandshakeState, HandshakeInput, HandshakeEffect> = (state, input) => {
  if (input.kind === "opened") {
    const hello: Message = { kind: "hello", elements: [{ kind: "versionBitmap", versions: [version13] }] };
    return {
      state: { peer: state.peer, phase: "hello" },
      effects: [{ kind: "send", message: hello, xid: xids.hello }],
    };
  }
  const { message } = input.envelope;
  if (message.kind === "error") {
    return fail(
      state,
      new LoomstackError("OPENFLOW__REQUEST_REFUSED", {
        peer: state.peer,
        request: `the handshake (${state.phase})`,
        error: errorName(message),
      }),
    );
  }
  switch (state.phase) {
    case "hello":
      return onHello(state, input.envelope);
    case "features":
      return onFeatures(state, input.envelope);
    case "ports":
      return onPorts(state, input.envelope);
    default:
      return { state, effects: [] };
  }
};

function onHello(state: HandshakeState, { message, version }: Envelope): Result {
  if (message.kind !== "hello") return unexpected(state, message.kind, "a hello");
  const offered = offeredVersions(message, version);
  if (offered.includes(version13)) {
    return {
      state: { peer: state.peer, phase: "features" },
      effects: [{ kind: "send", message: features().message, xid: xids.features }],
    };
  }
  const refusal: Message = {
    kind: "error",
    type: 0,
    code: 0,
    data: new TextEncoder().encode("only OpenFlow 1.3 (version 4) is spoken here"),
  };
  const error = new LoomstackError("OPENFLOW__UNSUPPORTED_VERSION", {
    peer: state.peer,
    offered: `version ${offered.join(", ")}`,
  });
  return {
    state: { peer: state.peer, phase: "failed" },
    effects: [
      { kind: "send", message: refusal, xid: xids.hello },
      { kind: "fail", error },
    ],
  };
}

/** Without a bitmap a switch speaks all versions up to that of its hello. */
function offeredVersions(hello: Received<"hello">, version: number): readonly number[] {
  const bitmap = hello.elements.find((element) => element.kind === "versionBitmap");
  return bitmap?.versions ?? Array.from({ length: version }, (_, index) => index + 1);
}

function onFeatures(state: HandshakeState, { message, xid }: Envelope): Result {
  if (message.kind !== "featuresReply" || xid !== xids.features) return ignoreOr(state, message.kind, "its features");
  const next: HandshakeState = { peer: state.peer, phase: "ports", dpid: message.dpid, ports: [] };
  return { state: next, effects: [{ kind: "send", message: portDescriptions().message, xid: xids.ports }] };
}

function onPorts(state: Extract<HandshakeState, { readonly phase: "ports" }>, { message, xid }: Envelope): Result {
  // A port status that comes before the descriptions is older than they are.
  if (message.kind !== "multipartReply" || message.body.kind !== "portDescription" || xid !== xids.ports) {
    return ignoreOr(state, message.kind, "its ports");
  }
  const ports = [...state.ports, ...message.body.entries];
  if (ports.length > mostPorts) {
    return fail(
      state,
      new LoomstackError("OPENFLOW__REPLY_EXCEEDED", { peer: state.peer, request: "its ports", limit: mostPorts }),
    );
  }
  if (message.more) return { state: { ...state, ports }, effects: [] };
  return { state: { peer: state.peer, phase: "live" }, effects: [{ kind: "live", dpid: state.dpid, ports }] };
}

/** Messages that a switch may send at any time are no reason to end the handshake. */
function ignoreOr(state: HandshakeState, found: string, expected: string): Result {
  const harmless = ["portStatus", "packetIn", "flowRemoved", "unknown"].includes(found);
  return harmless ? { state, effects: [] } : unexpected(state, found, expected);
}

function unexpected(state: HandshakeState, found: string, expected: string): Result {
  return fail(state, new LoomstackError("OPENFLOW__UNEXPECTED_MESSAGE", { peer: state.peer, found, expected }));
}

function fail(state: HandshakeState, error: LoomstackError): Result {
  return { state: { peer: state.peer, phase: "failed" }, effects: [{ kind: "fail", error }] };
}
