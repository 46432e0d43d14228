/**
 * Instructions of OpenFlow 1.5. Metering is an action there; where it comes first it is the instruction that it was
 * before.
 *
 * @see OpenFlow 1.5.1, 7.2.5
 */
import {
  type Codec,
  encode,
  type InputOf,
  listToEnd,
  pad,
  tlv,
  u16,
  u32,
  u64,
  u8,
  type ValueOf,
  variants,
} from "@loomstack/wire";
import type { ReceivedActions } from "../of13/actions.ts";
import type { Instruction, ReceivedInstructions } from "../of13/instructions.ts";
import { actions15 } from "./actions.ts";

const actionList = { _: pad(4), actions: actions15 };

const list = listToEnd(
  tlv(
    { type: u16, length: u16, alignTo: 8, lengthCountsPadding: true },
    variants({
      gotoTable: [1, { tableId: u8, _: pad(3) }],
      writeMetadata: [2, { _: pad(4), metadata: u64, mask: u64 }],
      writeActions: [3, actionList],
      applyActions: [4, actionList],
      clearActions: [5, { _: pad(4) }],
    }),
  ),
);

/** @see OpenFlow 1.5.1, 7.2.6.10 (OFPAT_METER) */
const meterAction = 29;

export const instructions15: Codec<ReceivedInstructions, readonly Instruction[]> = {
  read: (reader) => list.read(reader).flatMap(withMeter),
  write: (writer, instructions) => list.write(writer, meterAsAction(instructions)),
};

function withMeter(instruction: ValueOf<typeof list>[number]): ReceivedInstructions {
  if (instruction.kind !== "applyActions") return [instruction];
  const [first, ...rest] = instruction.actions;
  const meterId = first && meterOf(first);
  if (meterId === undefined) return [instruction];
  return [{ kind: "meter", meterId }, ...(rest.length === 0 ? [] : [{ kind: "applyActions", actions: rest } as const])];
}

function meterOf(action: ReceivedActions[number]): number | undefined {
  if (action.kind !== "unknown" || action.type !== meterAction || action.bytes.byteLength !== 4) return undefined;
  return action.bytes.reduce((sum, octet) => sum * 256 + octet, 0);
}

function meterAsAction(instructions: readonly Instruction[]): InputOf<typeof list> {
  const meter = instructions.find(({ kind }) => kind === "meter");
  const others = instructions.filter((instruction) => instruction.kind !== "meter");
  if (meter?.kind !== "meter") return others;
  const action = { kind: "unknown", type: meterAction, bytes: encode(u32, meter.meterId) } as const;
  const applied = others.flatMap((instruction) => (instruction.kind === "applyActions" ? instruction.actions : []));
  return [
    { kind: "applyActions", actions: [action, ...applied] },
    ...others.filter(({ kind }) => kind !== "applyActions"),
  ];
}
