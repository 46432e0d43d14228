/** What a flow's text says besides its match and its actions. @see ovs-ofctl(8), "Flow Syntax" */
import type { FlowMod, FlowModCommand } from "../../of13/messages/flow-mod.ts";
import { allTables, Group } from "../../of13/ports.ts";
import { flowFlagWords } from "../flow-flag-words.ts";
import type { KeyValue } from "./key-values.ts";
import { numberU16, numberU64 } from "./numbers.ts";
import { groupIn, portIn, type ReadNames, tableIn } from "./read-names.ts";
import { refused, splitAt, type TextSlice, textOf } from "./text-slice.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface FlowKeys extends Mutable<
  Partial<
    Pick<
      FlowMod,
      | "cookie"
      | "cookieMask"
      | "tableId"
      | "priority"
      | "idleTimeoutSec"
      | "hardTimeoutSec"
      | "outPort"
      | "outGroup"
      | "flags"
    >
  >
> {
  importance?: number;
  counters?: Counters;
}

interface Counters {
  durationSec?: number;
  packetCount?: bigint;
  byteCount?: bigint;
  idleAgeSec?: number;
  hardAgeSec?: number;
}

type Reader = (keys: FlowKeys, value: TextSlice, names: ReadNames, command: FlowModCommand) => void;

const flags = new Map<string, (typeof flowFlagWords)[number][0]>(flowFlagWords.map(([flag, word]) => [word, flag]));

/** What ovs-ofctl takes and doesn't heed. */
const ignored: readonly string[] = ["no_readonly_table", "allow_hidden_fields"];

const forAll: Readonly<Record<string, Reader>> = {
  table: readTable,
  cookie: readCookie,
  duration: (keys, value) => (counters(keys).durationSec = seconds(value)),
  n_packets: (keys, value) => (counters(keys).packetCount = numberU64(value, "count")),
  n_bytes: (keys, value) => (counters(keys).byteCount = numberU64(value, "count")),
  idle_age: (keys, value) => (counters(keys).idleAgeSec = seconds(value)),
  hard_age: (keys, value) => (counters(keys).hardAgeSec = seconds(value)),
};
const priority: Readonly<Record<string, Reader>> = {
  priority: (keys, value) => (keys.priority = numberU16(value, "priority")),
};
const timeouts: Readonly<Record<string, Reader>> = {
  idle_timeout: (keys, value) => (keys.idleTimeoutSec = numberU16(value, "timeout")),
  hard_timeout: (keys, value) => (keys.hardTimeoutSec = numberU16(value, "timeout")),
};
const filters: Readonly<Record<string, Reader>> = {
  out_port: (keys, value, names) => (keys.outPort = portIn(value, names)),
  out_group: (keys, value) => (keys.outGroup = groupIn(value, { any: Group.any, ANY: Group.any }, Group.max)),
};
const importance: Readonly<Record<string, Reader>> = {
  importance: (keys, value) => (keys.importance = numberU16(value, "importance")),
};

const byCommand: Readonly<Record<FlowModCommand, Readonly<Record<string, Reader>>>> = {
  add: { ...forAll, ...priority, ...timeouts, ...importance },
  modify: { ...forAll, ...priority, ...timeouts },
  "modify-strict": { ...forAll, ...priority, ...timeouts },
  delete: { ...forAll, ...filters },
  "delete-strict": { ...forAll, ...filters, ...priority },
};

/** @returns whether it is a key of flows with that command */
export function readFlowKey(
  keys: FlowKeys,
  { key, keySlice, value }: KeyValue,
  command: FlowModCommand,
  names: ReadNames,
): boolean {
  const takesFlags = command !== "delete" && command !== "delete-strict";
  const flag = takesFlags ? flags.get(key) : undefined;
  if (flag !== undefined) {
    keys.flags = { ...keys.flags, [flag]: true };
    return true;
  }
  if (ignored.includes(key)) return true;
  const readers = byCommand[command];
  const reader = Object.hasOwn(readers, key) ? readers[key] : undefined;
  if (reader === undefined) return false;
  if (textOf(value) === "") throw refused(keySlice, "has no value", `${key}=<value>`);
  reader(keys, value, names, command);
  return true;
}

export function keysAllowed(command: FlowModCommand): string {
  return Object.keys(byCommand[command]).join(", ");
}

/** All tables are one to delete in only. */
function readTable(keys: FlowKeys, value: TextSlice, names: ReadNames, command: FlowModCommand): void {
  keys.tableId = tableIn(value, names);
  const isDeletion = command === "delete" || command === "delete-strict";
  if (keys.tableId === allTables && !isDeletion) throw refused(value, "stands for all tables", "a number up to 254");
}

/** With a mask it is asked for; alone it is set. */
function readCookie(keys: FlowKeys, value: TextSlice, _names: ReadNames, command: FlowModCommand): void {
  const halves = splitAt(value, "/");
  if (keys.cookie !== undefined && (halves === undefined) !== (keys.cookieMask === undefined))
    throw refused(value, "is a second cookie", "one to look for, or one to set: OpenFlow 1.1 and later can't do both");
  if (halves === undefined) {
    if (command === "delete" || command === "delete-strict")
      throw refused(value, "is a cookie to set", `the mask with which to look for it: cookie=${textOf(value)}/-1`);
    keys.cookie = numberU64(value, "cookie");
    return;
  }
  if (command === "add") throw refused(value, "has a mask", "a flow that is added has a cookie without one");
  keys.cookie = numberU64(halves[0], "cookie");
  keys.cookieMask = numberU64(halves[1], "mask of a cookie");
}

function counters(keys: FlowKeys): Counters {
  keys.counters ??= {};
  return keys.counters;
}

function seconds(slice: TextSlice): number {
  const [, number] = /^(\d{1,12}(?:\.\d{1,9})?)s?$/.exec(textOf(slice)) ?? [];
  if (number === undefined) throw refused(slice, "is no time", "seconds such as 12.5s");
  return Number(number);
}
