/**
 * From an open connection to a switch that we know, as a pure state machine:
 *
 *   hello ──(hello with a common version)──▶ features ──(features reply)──▶ ports ──(all port descriptions)──▶ live
 *                                               │                                                               ▲
 *                                               └──(1.0: the ports, too)──▶ tables ──(whether mods name one)────┘
 *
 * Anything else that isn't harmless on the way ends it. @see OpenFlow 1.3.5, 6.3.1
 */
import { type Dpid, LoomstackError, type Step } from "@loomstack/core";
import type { Envelope, Message, Received } from "../of13/messages.ts";
import type { PortDescription } from "../of13/port-description.ts";
import { features, portDescriptions } from "../of13/requests.ts";
import { type Dialect, dialectOf } from "../version/dialect.ts";
import { errorNameIn } from "../version/error-name.ts";
import type { OpenFlowVersion } from "../version/version.ts";
import { highest, negotiate, offeredVersions, offerText, wantedText } from "./negotiation.ts";

/** What a switch has told of itself when the handshake is complete. */
export interface SwitchFacts {
  readonly dpid: Dpid;
  /** What it can do, and how many tables and buffers it has. */
  readonly features: Received<"featuresReply">;
  readonly ports: readonly PortDescription[];
}

interface Common {
  readonly peer: string;
  /** Those that we are willing to speak. */
  readonly versions: readonly OpenFlowVersion[];
  /** What is spoken; before the hello, the highest version. */
  readonly dialect: Dialect;
}

export type HandshakeState = Common &
  (
    | { readonly phase: "new" | "hello" | "features" | "live" | "failed" }
    | { readonly phase: "ports"; readonly facts: SwitchFacts }
    | { readonly phase: "tables"; readonly facts: SwitchFacts; readonly isRefused: boolean }
  );

export type HandshakeInput = { readonly kind: "opened" } | { readonly kind: "received"; readonly envelope: Envelope };

export type HandshakeEffect =
  | { readonly kind: "send"; readonly message: Message; readonly xid: number }
  | { readonly kind: "live"; readonly facts: SwitchFacts }
  | { readonly kind: "fail"; readonly error: LoomstackError };

type Result = ReturnType<Step<HandshakeState, HandshakeInput, HandshakeEffect>>;

/** The most ports that a switch may describe before it is taken for a broken one. */
const mostPorts = 65_536;

/** Transaction ids of the handshake and of echo requests; the first free one is `firstXid`. */
export const xids = { hello: 1, features: 2, ports: 3, echo: 4, tables: 5, tablesBarrier: 6 } as const;
export const firstXid = 16;

/** The state of a connection that is just being opened. */
export function newHandshake(peer: string, versions: readonly OpenFlowVersion[]): HandshakeState {
  return { peer, versions, dialect: dialectOf(highest(versions)), phase: "new" };
}

export const handshake: Step<HandshakeState, HandshakeInput, HandshakeEffect> = (state, input) => {
  if (input.kind === "opened") {
    return next(state, "hello", { message: helloOf(state.versions), xid: xids.hello });
  }
  const { message, xid } = input.envelope;
  if (message.kind === "error") {
    if (state.phase === "tables" && xid === xids.tables) return { state: { ...state, isRefused: true }, effects: [] };
    return fail(
      state,
      new LoomstackError("OPENFLOW__REQUEST_REFUSED", {
        peer: state.peer,
        request: `the handshake (${state.phase})`,
        error: errorNameIn(state.dialect.version, message),
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
    case "tables":
      return onTables(state, input.envelope);
    default:
      return { state, effects: [] };
  }
};

function helloOf(versions: readonly OpenFlowVersion[]): Message {
  return { kind: "hello", elements: [{ kind: "versionBitmap", versions: offeredVersions(versions) }] };
}

function onHello(state: HandshakeState, { message, version }: Envelope): Result {
  if (message.kind !== "hello") return unexpected(state, message.kind, "a hello");
  const common = negotiate(state.versions, message, version);
  if (common !== undefined) {
    const spoken: HandshakeState = { ...lasting(state), dialect: dialectOf(common), phase: "hello" };
    return next(spoken, "features", { message: features().message, xid: xids.features });
  }
  const wanted = wantedText(state.versions);
  const data = new TextEncoder().encode(`only ${wanted.names} is spoken here`);
  const error = new LoomstackError("OPENFLOW__UNSUPPORTED_VERSION", {
    peer: state.peer,
    wanted: wanted.names,
    protocols: wanted.protocols,
    offered: offerText(message, version),
  });
  return {
    state: { ...lasting(state), phase: "failed" },
    effects: [
      { kind: "send", message: { kind: "error", type: 0, code: 0, data }, xid: xids.hello },
      { kind: "fail", error },
    ],
  };
}

function onFeatures(state: HandshakeState, { message, xid }: Envelope): Result {
  if (message.kind !== "featuresReply" || xid !== xids.features) return ignoreOr(state, message.kind, "its features");
  const { peer } = state;
  if (message.auxiliaryId !== 0) {
    return fail(
      state,
      new LoomstackError("OPENFLOW__AUXILIARY_CONNECTION", { peer, auxiliaryId: message.auxiliaryId }),
    );
  }
  const facts: SwitchFacts = { dpid: message.dpid, features: message, ports: "ports" in message ? message.ports : [] };
  if (state.dialect.version !== "1.0") {
    return {
      state: { ...lasting(state), phase: "ports", facts },
      effects: [{ kind: "send", message: portDescriptions().message, xid: xids.ports }],
    };
  }
  if (message.tableCount <= 1) return live(state, facts);
  return {
    state: { ...lasting(state), phase: "tables", facts, isRefused: false },
    effects: [
      { kind: "send", message: { kind: "flowModTableId", on: true }, xid: xids.tables },
      { kind: "send", message: { kind: "barrierRequest" }, xid: xids.tablesBarrier },
    ],
  };
}

function onPorts(state: Extract<HandshakeState, { readonly phase: "ports" }>, { message, xid }: Envelope): Result {
  // A port status that comes before the descriptions is older than they are.
  if (message.kind !== "multipartReply" || message.body.kind !== "portDescription" || xid !== xids.ports) {
    return ignoreOr(state, message.kind, "its ports");
  }
  const ports = [...state.facts.ports, ...message.body.entries];
  if (ports.length > mostPorts) {
    return fail(
      state,
      new LoomstackError("OPENFLOW__REPLY_EXCEEDED", { peer: state.peer, request: "its ports", limit: mostPorts }),
    );
  }
  const facts = { ...state.facts, ports };
  return message.more ? { state: { ...state, facts }, effects: [] } : live(state, facts);
}

function onTables(state: Extract<HandshakeState, { readonly phase: "tables" }>, { message, xid }: Envelope): Result {
  if (message.kind === "portStatus") {
    // Unlike before descriptions that are still to come, it is newer than what is known here.
    const others = state.facts.ports.filter(({ portNo }) => portNo !== message.port.portNo);
    const ports = message.reason === "delete" ? others : [...others, message.port];
    return { state: { ...state, facts: { ...state.facts, ports } }, effects: [] };
  }
  if (message.kind !== "barrierReply" || xid !== xids.tablesBarrier) {
    return ignoreOr(state, message.kind, "whether it has tables");
  }
  const dialect = dialectOf("1.0", { flowModTableId: !state.isRefused });
  return live({ ...lasting(state), dialect, phase: "hello" }, state.facts);
}

function live(state: HandshakeState, facts: SwitchFacts): Result {
  return { state: { ...lasting(state), phase: "live" }, effects: [{ kind: "live", facts }] };
}

function next(
  state: HandshakeState,
  phase: "hello" | "features",
  sent: { readonly message: Message; readonly xid: number },
): Result {
  return { state: { ...lasting(state), phase }, effects: [{ kind: "send", ...sent }] };
}

/** Messages that a switch may send at any time are no reason to end the handshake. */
function ignoreOr(state: HandshakeState, found: string, expected: string): Result {
  const harmless = ["portStatus", "packetIn", "packetIn2", "flowRemoved", "roleStatus", "unknown"].includes(found);
  return harmless ? { state, effects: [] } : unexpected(state, found, expected);
}

function unexpected(state: HandshakeState, found: string, expected: string): Result {
  return fail(state, new LoomstackError("OPENFLOW__UNEXPECTED_MESSAGE", { peer: state.peer, found, expected }));
}

function fail(state: HandshakeState, error: LoomstackError): Result {
  return { state: { ...lasting(state), phase: "failed" }, effects: [{ kind: "fail", error }] };
}

/** What a state has in every phase. */
function lasting({ peer, versions, dialect }: HandshakeState): Common {
  return { peer, versions, dialect };
}
