import { LoomstackError, type OfPort } from "@loomstack/core";
import { type Action, fieldRow, type Instruction, ofPort, Port } from "@loomstack/openflow";
import { isTagged, type Packet, popVlan, pushVlan, readBits, withField, writeBits } from "./packet.ts";

const actionKinds: readonly Action["kind"][] = [
  "output",
  "setField",
  "load",
  "move",
  "pushVlan",
  "popVlan",
  "resubmit",
  "outputRegister",
  "controller",
];
const portsOnly: readonly OfPort[] = [Port.inPort, Port.controller, Port.local];

/** What of an instruction the fake switch can't do, in words. */
export function unsupported(instruction: Instruction): string | undefined {
  if (instruction.kind === "gotoTable" || instruction.kind === "writeMetadata") return undefined;
  if (instruction.kind !== "applyActions") return `the instruction ${instruction.kind}`;
  const lacking = instruction.actions.find((action) => !actionKinds.includes(action.kind));
  if (lacking !== undefined) return `the action ${lacking.kind}`;
  const output = instruction.actions.find(
    (action) => action.kind === "output" && action.port >= Port.max && !portsOnly.includes(action.port),
  );
  return output && "output to a reserved port other than IN_PORT, CONTROLLER and LOCAL";
}

/** What an action does to a packet; actions that send it are left to the walk. */
export function transformed(packet: Packet, action: Action): Packet {
  switch (action.kind) {
    case "setField":
      if (action.field === "vlanVid" && !isTagged(packet)) throw lacks("a VLAN id for an untagged packet");
      return withField(packet, action.field, fieldRow(action.field).type.toInteger(action.value));
    case "load":
      return writeBits(packet, action.to, action.value);
    case "move":
      return writeBits(packet, action.to, readBits(packet, action.from));
    case "pushVlan":
      return pushVlan(packet);
    case "popVlan":
      return popVlan(packet);
    default:
      return packet;
  }
}

/** The port that an action sends the packet to, if it does. */
export function destination(packet: Packet, action: Action): OfPort | undefined {
  if (action.kind === "output") return action.port;
  if (action.kind === "controller") return Port.controller;
  return action.kind === "outputRegister" ? ofPort(Number(readBits(packet, action.from))) : undefined;
}

function lacks(what: string): LoomstackError<"OPENFLOW__FAKE_SWITCH_LACKS"> {
  return new LoomstackError("OPENFLOW__FAKE_SWITCH_LACKS", { what });
}
