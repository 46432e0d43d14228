/** Actions and instructions in ovs-ofctl's syntax. @see ovs-actions(7) */
import type { Action } from "../of13/actions.ts";
import type { Instruction } from "../of13/instructions.ts";
import { fieldRow } from "../of13/oxm.ts";
import { Port } from "../of13/ports.ts";
import type { Subfield } from "../nicira/subfield.ts";
import { type FlowNames, portName, reservedPortName, tableName } from "./names.ts";

/** What stands behind `actions=`. */
export function formatInstructions(instructions: readonly Instruction[], names: FlowNames = {}): string {
  const ordered = [...instructions].sort((a, b) => printOrder.indexOf(a.kind) - printOrder.indexOf(b.kind));
  return ordered.flatMap((instruction) => formatInstruction(instruction, names)).join(",") || "drop";
}

export function formatActions(actions: readonly Action[], names: FlowNames = {}): string {
  return actions.map((action) => formatAction(action, names)).join(",");
}

const printOrder: readonly Instruction["kind"][] = [
  "meter",
  "applyActions",
  "clearActions",
  "writeActions",
  "writeMetadata",
  "gotoTable",
  "unknown",
];
const allBits64 = 2n ** 64n - 1n;

function formatInstruction(instruction: Instruction, names: FlowNames): string | readonly string[] {
  switch (instruction.kind) {
    case "applyActions":
      return instruction.actions.map((action) => formatAction(action, names));
    case "writeActions":
      return `write_actions(${formatActions(instruction.actions, names)})`;
    case "clearActions":
      return "clear_actions";
    case "writeMetadata":
      return `write_metadata:${hex(instruction.metadata)}${instruction.mask === allBits64 ? "" : `/${hex(instruction.mask)}`}`;
    case "gotoTable":
      return `goto_table:${tableName(instruction.tableId, names)}`;
    case "meter":
      return `meter:${instruction.meterId}`;
    case "unknown":
      return `unknown_instruction(${instruction.type},0x${Buffer.from(instruction.bytes).toString("hex")})`;
  }
}

function formatAction(action: Action, names: FlowNames): string {
  switch (action.kind) {
    case "output":
      return formatOutput(action, names);
    case "setField": {
      const { type, setName } = fieldRow(action.field);
      return `set_field:${type.format(action.value)}->${setName}`;
    }
    case "load":
      return `load:${hex(action.value)}->${formatSubfield(action.to)}`;
    case "move":
      return `move:${formatSubfield(action.from)}->${formatSubfield(action.to)}`;
    case "outputRegister":
      return `output:${formatSubfield(action.from)}`;
    case "resubmit": {
      const inPort = action.inPort === undefined || action.inPort === Port.inPort ? "" : portName(action.inPort, names);
      return `resubmit(${inPort},${tableName(action.tableId, names)})`;
    }
    case "controller":
      return formatController(action);
    default:
      return formatPlain(action);
  }
}

function formatOutput({ port, maxLen }: Extract<Action, { readonly kind: "output" }>, names: FlowNames): string {
  if (port === Port.controller) return `CONTROLLER:${maxLen ?? 0xffff}`;
  return reservedPortName(port) ?? `output:${portName(port, names)}`;
}

function formatController({ maxLen, controllerId, reason }: Extract<Action, { readonly kind: "controller" }>): string {
  const reasonName = ["no_match", "action", "invalid_ttl"][reason ?? 1] ?? "action";
  const parts = [
    ...(reasonName === "action" ? [] : [`reason=${reasonName}`]),
    ...(maxLen === undefined || maxLen === 0xffff ? [] : [`max_len=${maxLen}`]),
    ...((controllerId ?? 0) === 0 ? [] : [`id=${controllerId ?? 0}`]),
  ];
  return parts.length === 0 ? "CONTROLLER:65535" : `controller(${parts.join(",")})`;
}

type PlainAction = Exclude<
  Action,
  { readonly kind: "output" | "setField" | "load" | "move" | "outputRegister" | "resubmit" | "controller" }
>;

function formatPlain(action: PlainAction): string {
  switch (action.kind) {
    case "pushVlan":
      return `push_vlan:${etherType(action.etherType)}`;
    case "popVlan":
      return "pop_vlan";
    case "pushMpls":
      return `push_mpls:${etherType(action.etherType)}`;
    case "popMpls":
      return `pop_mpls:${etherType(action.etherType)}`;
    case "setMplsTtl":
      return `set_mpls_ttl(${action.mplsTtl})`;
    case "decMplsTtl":
      return "dec_mpls_ttl";
    case "setQueue":
      return `set_queue:${action.queueId}`;
    case "group":
      return `group:${action.groupId}`;
    case "setNwTtl":
      return `mod_nw_ttl:${action.nwTtl}`;
    case "decNwTtl":
      return "dec_ttl";
    case "copyTtlOut":
    case "copyTtlIn":
    case "popPbb":
      return action.kind;
    case "pushPbb":
      return `pushPbb:${etherType(action.etherType)}`;
    case "unknown":
      return `unknown_action(${action.type},0x${Buffer.from(action.bytes).toString("hex")})`;
  }
}

function formatSubfield({ field, start, bits }: Subfield): string {
  const { subfield, type } = fieldRow(field);
  if (start === 0 && bits === type.bits) return `${subfield.name}[]`;
  return bits === 1 ? `${subfield.name}[${start}]` : `${subfield.name}[${start}..${start + bits - 1}]`;
}

function etherType(value: number): string {
  return `0x${value.toString(16).padStart(4, "0")}`;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
