/**
 * Actions in one form each: what a switch was told in one way and tells back in another is the same here. The forms are
 * for comparing, not for sending.
 */
import type { Subfield } from "../nicira/subfield.ts";
import type { Action } from "./actions.ts";
import { sizeOf } from "./field-types.ts";
import { type FieldName, fieldRow } from "./oxm.ts";
import { Port } from "./ports.ts";

/** An action in its normal form: `kind`, and whatever counts. */
export interface NormalAction {
  readonly kind: string;
  readonly [property: string]: unknown;
}

/** Some actions are several in their normal form, or none. */
export function normalActions(actions: readonly Action[]): readonly NormalAction[] {
  return actions.flatMap(normalAction);
}

function normalAction(action: Action): NormalAction | readonly NormalAction[] {
  switch (action.kind) {
    case "output":
      // How much of the packet to send matters to the controller only; switches forget it for other ports.
      return {
        kind: "output",
        port: action.port,
        maxLen: action.port === Port.controller ? (action.maxLen ?? 0xffff) : 0,
      };
    case "setField":
      return assignment(action.field, action.value, undefined);
    case "setFieldMasked":
      return assignment(action.field, action.value, action.mask);
    case "load":
      return loadOf(action.to.field, action.to.start, action.to.bits, action.value);
    case "move":
    case "copyField":
      return { kind: "move", from: subfieldText(action.from), to: subfieldText(action.to) };
    case "learn":
    case "learn2":
      return normalLearn(action);
    case "ct":
      return normalCt(action);
    case "clone":
      return { kind: "clone", actions: normalActions(action.actions) };
    default:
      return normalOlder(action) ?? normalForm(action);
  }
}

type Kind<K extends Action["kind"]> = Extract<Action, { readonly kind: K }>;

/** Actions with defaults, and those that have two numbers. */
function normalForm(action: Action): NormalAction {
  switch (action.kind) {
    case "resubmitPort":
      return { kind: "resubmit", inPort: action.inPort, tableId: 0xff };
    case "resubmit":
    case "resubmitCt":
      return { ...action, inPort: action.inPort ?? Port.inPort };
    case "outputRegister":
    case "outputRegister2":
      return { kind: "outputRegister", from: action.from, maxLen: action.maxLen ?? 0xffff };
    case "controller":
    case "controller2":
      return normalController(action);
    case "decNwTtlControllers":
      return action.controllerIds.length === 1 && action.controllerIds[0] === 0 ? { kind: "decNwTtl" } : { ...action };
    case "note":
      return {
        kind: "note",
        note: Buffer.from(action.note)
          .toString("hex")
          .replace(/(00)+$/, ""),
      };
    case "sample":
    case "sample2":
    case "sample3":
    case "sample4":
      return normalSample(action);
    case "nat":
      return normalNat(action);
    case "encap":
      return { ...action, headerSize: action.headerSize ?? 0, properties: action.properties ?? [] };
    case "deleteField":
      return { kind: "deleteField", field: action.field };
    default:
      return { ...action };
  }
}

/** What OpenFlow 1.1 and older Open vSwitches had an action for, and that sets a field now. */
function normalOlder(action: Action): readonly NormalAction[] | undefined {
  switch (action.kind) {
    case "setVlanVid":
      return whole("vlanVid", BigInt(action.vlanVid));
    case "setVlanPcp":
      return whole("vlanPcp", BigInt(action.vlanPcp));
    case "setDlSrc":
      return assignment("ethSrc", action.address, undefined);
    case "setDlDst":
      return assignment("ethDst", action.address, undefined);
    case "setNwSrc":
      return assignment("ipv4Src", action.address, undefined);
    case "setNwDst":
      return assignment("ipv4Dst", action.address, undefined);
    case "setNwTos":
      return whole("ipDscp", BigInt(action.nwTos >> 2));
    case "setNwEcn":
      return whole("ipEcn", BigInt(action.nwEcn));
    case "setMplsLabel":
      return whole("mplsLabel", BigInt(action.mplsLabel));
    case "setMplsTc":
      return whole("mplsTc", BigInt(action.mplsTc));
    case "setTunnel":
    case "setTunnel64":
      return whole("tunnelId", BigInt(action.tunnelId));
    default:
      return undefined;
  }
}

/** Ports of the transport protocols, whichever the flow's is. */
const transportPorts: ReadonlyMap<FieldName, "setTpSrc" | "setTpDst"> = new Map([
  ["tcpSrc", "setTpSrc"],
  ["udpSrc", "setTpSrc"],
  ["sctpSrc", "setTpSrc"],
  ["tcpDst", "setTpDst"],
  ["udpDst", "setTpDst"],
  ["sctpDst", "setTpDst"],
]);

/** A whole field, or those of its bits that the mask has. */
function assignment(field: FieldName, value: unknown, mask: unknown): readonly NormalAction[] {
  const { type } = fieldRow(field);
  const bits = type.variable ? 8 * sizeOf(type, value) : type.subfieldBits;
  const usable = (1n << BigInt(bits)) - 1n;
  const integer = type.toInteger(value) & usable;
  if (mask !== undefined) return runs(field, integer, type.toInteger(mask) & usable);
  const kind = transportPorts.get(field);
  if (kind !== undefined) return [{ kind, port: Number(integer) }];
  return bits <= mostBits ? [loadOf(field, 0, bits, integer)] : runs(field, integer, usable);
}

function subfieldText({ field, start, bits, size }: Subfield): string {
  return `${field}[${start}+${bits}]${size === undefined ? "" : `/${size}`}`;
}

function whole(field: FieldName, value: bigint): readonly NormalAction[] {
  return [loadOf(field, 0, fieldRow(field).type.subfieldBits, value)];
}

function loadOf(field: FieldName, start: number, bits: number, value: bigint): NormalAction {
  return { kind: "load", field, start, bits, value };
}

/** The most bits that one load has. */
const mostBits = 64;

/** One load for each run of bits in the mask: what a switch makes of an assignment with a mask. */
function runs(field: FieldName, value: bigint, mask: bigint): readonly NormalAction[] {
  // From the lowest bit up, as digits.
  const digits = Array.from(mask.toString(2)).reverse().join("");
  return [...digits.matchAll(/1{1,64}/g)].map(({ 0: run, index }) =>
    loadOf(field, index, run.length, (value >> BigInt(index)) & ((1n << BigInt(run.length)) - 1n)),
  );
}

function normalController(action: Kind<"controller" | "controller2">): NormalAction {
  const { maxLen = 0xffff, controllerId = 0, reason = 1 } = action;
  const { userdata, pause, meterId } = action.kind === "controller2" ? action : {};
  const data = userdata === undefined || userdata.byteLength === 0 ? undefined : userdata;
  return { kind: "controller", maxLen, controllerId, reason, userdata: data, pause, meterId };
}

function normalSample(action: Kind<"sample" | "sample2" | "sample3" | "sample4">): NormalAction {
  const { probability, collectorSetId, obsDomainId, obsPointId } = action;
  const samplingPort = ("samplingPort" in action ? action.samplingPort : undefined) ?? Port.any;
  const direction = ("direction" in action ? action.direction : undefined) ?? "default";
  return { kind: "sample", probability, collectorSetId, obsDomainId, obsPointId, samplingPort, direction };
}

function normalCt(action: Kind<"ct">): NormalAction {
  const { flags = {}, zone = 0, tableId = 0xff, alg = 0, actions = [] } = action;
  return { kind: "ct", flags: named(flags), zone, tableId, alg, actions: normalActions(actions) };
}

/** An end of a range that is its start says nothing. */
function normalNat({ flags = {}, range = {} }: Kind<"nat">): NormalAction {
  const { ipv4Min, ipv4Max, ipv6Min, ipv6Max, protoMin, protoMax } = range;
  return {
    ...{ kind: "nat", flags: named(flags), ipv4Min, ipv6Min, protoMin },
    ipv4Max: ipv4Max === ipv4Min ? undefined : ipv4Max,
    ipv6Max: ipv6Max === ipv6Min ? undefined : ipv6Max,
    protoMax: protoMax === protoMin ? undefined : protoMax,
  };
}

function normalLearn(action: Kind<"learn" | "learn2">): NormalAction {
  const { limit = 0, result }: Partial<Kind<"learn2">> = action.kind === "learn2" ? action : {};
  const { idleTimeoutSec = 0, hardTimeoutSec = 0, finIdleTimeoutSec = 0, finHardTimeoutSec = 0 } = action;
  const { priority = 0x8000, cookie = 0n, flags = {}, tableId, specs } = action;
  const timeouts = { idleTimeoutSec, hardTimeoutSec, finIdleTimeoutSec, finHardTimeoutSec };
  return { kind: "learn", ...timeouts, priority, cookie, flags: named(flags), tableId, limit, result, specs };
}

/** Flags that are set. */
function named(flags: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== false && value !== 0));
}
