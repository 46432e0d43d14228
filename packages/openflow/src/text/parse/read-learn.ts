/** The action learn. @see ovs-actions(7), "learn" */
import type { Learn2, LearnSource, LearnSpec } from "../../nicira/learn.ts";
import { isWhole, type Subfield } from "../../nicira/subfield.ts";
import type { Action } from "../../of13/actions.ts";
import { fieldRow } from "../../of13/oxm.ts";
import type { ReadContext } from "./action-reader.ts";
import { maskedBits } from "./field-values.ts";
import { type KeyValue, keyValues } from "./key-values.ts";
import { integerIn, numberOfBits, numberU16, numberU32, numberU64 } from "./numbers.ts";
import { parseSubfield, subfieldIn } from "./parse-subfield.ts";
import { type ReadNames, tableIn } from "./read-names.ts";
import { refused, splitAt, type TextSlice, textOf } from "./text-slice.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<Omit<Learn2, "specs" | "flags">>;

const numbers = {
  priority: "priority",
  idle_timeout: "idleTimeoutSec",
  hard_timeout: "hardTimeoutSec",
  fin_idle_timeout: "finIdleTimeoutSec",
  fin_hard_timeout: "finHardTimeoutSec",
} as const;
const flagWords = { send_flow_rem: "sendFlowRemoved", delete_learned: "deleteLearned" } as const;
const defaultTable = 1;

export function readLearn(value: TextSlice, { names }: ReadContext): Action {
  const draft: Draft = { tableId: defaultTable };
  const flags: { sendFlowRemoved?: true; deleteLearned?: true } = {};
  const specs: LearnSpec[] = [];
  for (const item of keyValues(value)) {
    const { key, value: own } = item;
    if (Object.hasOwn(numbers, key)) draft[numbers[key as keyof typeof numbers]] = numberU16(own, key);
    else if (Object.hasOwn(flagWords, key)) flags[flagWords[key as keyof typeof flagWords]] = true;
    else if (key === "table") draft.tableId = learnedTable(own, names);
    else if (key === "cookie") draft.cookie = numberU64(own, key);
    else if (key === "limit") draft.limit = numberU32(own, key);
    else if (key === "result_dst") draft.result = resultIn(own);
    else specs.push(readSpec(item, names));
  }
  const { limit = 0, result, ...common } = draft;
  if (limit === 0 && result === undefined) return { kind: "learn", ...common, flags, specs };
  return { kind: "learn2", ...common, flags, limit, ...(result === undefined ? {} : { result }), specs };
}

function learnedTable(slice: TextSlice, names: ReadNames): number {
  const tableId = tableIn(slice, names);
  if (tableId > 254) throw refused(slice, "is no table to learn into", "a number up to 254");
  return tableId;
}

function resultIn(slice: TextSlice): Subfield {
  const result = parseSubfield(slice);
  if (!fieldRow(result.field).writable) throw refused(slice, "is read-only", "a field that actions may change");
  if (result.bits !== 1) throw refused(slice, `has ${result.bits} bits`, "one bit");
  return result;
}

function readSpec(item: KeyValue, names: ReadNames): LearnSpec {
  const { key, keySlice, value } = item;
  const to = subfieldIn(keySlice);
  if (to !== undefined) return { kind: "match", from: conditionSource(shortNumbered(to, keySlice), value, names), to };
  if (key === "load") return readLoad(value);
  if (key === "output") return { kind: "output", from: shortNumbered(parseSubfield(value), value) };
  throw refused(
    keySlice,
    "is no part of learn",
    "a field, load:<value>-><field>, output:<field>, or a key of ovs-actions(7)",
  );
}

/** Bits of the packet that makes the flow, or a value; without either, the same bits. */
function conditionSource(to: Subfield, value: TextSlice, names: ReadNames): LearnSource {
  if (textOf(value) === "") return to;
  const from = subfieldIn(value);
  if (from !== undefined) return ofSameWidth(shortNumbered(from, value), to, value);
  if (!isWhole(to)) return numberOfBits(value, to.bits, `value of ${to.bits} bits`);
  const { bits, mask } = maskedBits(fieldRow(to.field), value, names);
  if (mask !== undefined) throw refused(value, "has a mask", "a value without one");
  return BigInt.asUintN(to.bits, bits);
}

function readLoad(value: TextSlice): LearnSpec {
  const [source, target] = splitAt(value, "->") ?? [value, undefined];
  if (target === undefined) throw refused(value, "has no target", "load:<value or field>-><field>");
  const to = shortNumbered(parseSubfield(target), target);
  const isValue = /^\s*0[xX]/.test(textOf(source)) || integerIn(textOf(source)) !== undefined;
  if (isValue) return { kind: "load", from: numberOfBits(source, to.bits, `value of ${to.bits} bits`), to };
  return { kind: "load", from: ofSameWidth(shortNumbered(parseSubfield(source), source), to, source), to };
}

function ofSameWidth(from: Subfield, to: Subfield, slice: TextSlice): Subfield {
  if (from.bits !== to.bits) throw refused(slice, `has ${from.bits} bits`, `as many as its target: ${to.bits}`);
  return from;
}

/** In learn there is no room for fields that only an experimenter has a number for. */
function shortNumbered(subfield: Subfield, slice: TextSlice): Subfield {
  if (fieldRow(subfield.field).subfield.experimenter !== undefined)
    throw refused(slice, "is an experimenter's field, for which there is no room here", "another field");
  return subfield;
}
