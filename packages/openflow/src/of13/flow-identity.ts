/**
 * When are two flows the same? A switch gives a flow back in another form than it was sent in: fields in its own order,
 * masks simplified, loads of whole fields instead of set_field. Here both get one text each for what identifies a flow
 * in a switch, and for everything else that counts. Timeouts, flags and counters don't count.
 */
import type { Action } from "./actions.ts";
import type { Flow } from "./flow.ts";
import type { Instruction } from "./instructions.ts";
import { type Match, matchEntries, type UnknownField } from "./match.ts";
import { type FieldName, fieldRow } from "./oxm.ts";
import { Port } from "./ports.ts";
import type { Subfield } from "../nicira/subfield.ts";

/**
 * What a flow is in a switch: its table, its priority and its match. A second flow with the same key replaces the
 * first.
 */
export function flowKey(flow: Pick<Flow, "tableId" | "priority" | "match">): string {
  return `${flow.tableId} ${flow.priority} ${matchKey(flow.match)}`;
}

/** The cookie and the instructions of a flow: two flows with the same key and fingerprint need no change. */
export function flowFingerprint(flow: Pick<Flow, "cookie" | "instructions">): string {
  const instructions = flow.instructions.map((instruction) => ({
    rank: executionOrder.indexOf(instruction.kind),
    text: instructionText(instruction),
  }));
  const ordered = instructions.filter(({ text }) => text !== "").sort((a, b) => a.rank - b.rank);
  return `0x${flow.cookie.toString(16)} ${ordered.map(({ text }) => text).join(" ")}`;
}

function matchKey(match: Match): string {
  const known = matchEntries(match).map(
    ({ row, value, mask }) => `${row.name}=${text(value)}${mask === undefined ? "" : `/${text(mask)}`}`,
  );
  return [...known, ...(match.unknown ?? []).map(unknownFieldText).sort()].join(",");
}

/** The order in which a switch executes instructions, whatever their order in the message (OpenFlow 1.3.5, 5.9). */
const executionOrder: readonly Instruction["kind"][] = [
  "meter",
  "applyActions",
  "clearActions",
  "writeActions",
  "writeMetadata",
  "gotoTable",
];

function instructionText(instruction: Instruction): string {
  switch (instruction.kind) {
    case "applyActions":
    case "writeActions":
      return instruction.actions.length === 0
        ? ""
        : `${instruction.kind}(${instruction.actions.map(actionText).join(",")})`;
    case "writeMetadata":
      return `writeMetadata:${text(instruction.metadata & instruction.mask)}/${text(instruction.mask)}`;
    case "gotoTable":
      return `gotoTable:${instruction.tableId}`;
    case "meter":
      return `meter:${instruction.meterId}`;
    case "clearActions":
      return "clearActions";
    case "unknown":
      return `unknown:${instruction.type}:${hex(instruction.bytes)}`;
  }
}

function actionText(action: Action): string {
  switch (action.kind) {
    case "output":
      // How much of the packet to send matters to the controller only; switches forget it for other ports.
      return action.port === Port.controller
        ? `output:${action.port}:${action.maxLen ?? 0xffff}`
        : `output:${action.port}`;
    case "setField":
      return assignment(action.field, fieldRow(action.field).type.toInteger(action.value));
    case "load":
      return loadText(action.to, action.value);
    case "move":
      return `move:${subfieldText(action.from)}->${subfieldText(action.to)}`;
    case "resubmit":
      return `resubmit:${action.inPort ?? Port.inPort}:${action.tableId}`;
    case "outputRegister":
      return `outputRegister:${subfieldText(action.from)}:${action.maxLen ?? 0xffff}`;
    case "controller":
      return `controller:${action.maxLen ?? 0xffff}:${action.controllerId ?? 0}:${action.reason ?? 1}`;
    case "unknown":
      return `unknown:${action.type}:${hex(action.bytes)}`;
    default:
      return plainText(action);
  }
}

/**
 * An action whose properties are all numbers without defaults: they come in the order of the wire, or by name where a
 * caller differs.
 */
function plainText({ kind, ...properties }: { readonly kind: string }): string {
  const sorted = Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1));
  return [kind, ...sorted.map(([name, value]) => `${name}=${text(value)}`)].join(":");
}

/** A load of a whole field is the same as set_field. */
function loadText(to: Subfield, value: bigint): string {
  return to.start === 0 && to.bits === fieldRow(to.field).type.bits
    ? assignment(to.field, value)
    : `load:${text(value)}->${subfieldText(to)}`;
}

function assignment(field: FieldName, value: bigint): string {
  return `set:${field}=${text(value)}`;
}

function subfieldText({ field, start, bits }: Subfield): string {
  return `${field}[${start}+${bits}]`;
}

function unknownFieldText({ oxmClass, number, hasMask, bytes }: UnknownField): string {
  return `${oxmClass}:${number}:${hasMask ? "m" : ""}:${hex(bytes)}`;
}

/** Values of fields are strings, numbers and bigints only. */
function text(value: unknown): string {
  return typeof value === "bigint" ? `0x${value.toString(16)}` : String(value);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
