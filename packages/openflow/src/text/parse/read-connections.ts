/** The actions ct, nat and clone. @see ovs-actions(7) */
import { noTable } from "../../nicira/connection-tracking.ts";
import type { Subfield } from "../../nicira/subfield.ts";
import type { Action } from "../../of13/actions.ts";
import { connectionHelpers } from "../format-connection-tracking.ts";
import type { ActionReaders, ReadContext } from "./action-reader.ts";
import { keyValues } from "./key-values.ts";
import { type NatRange, natRange } from "./nat-range.ts";
import { integerIn, numberU16 } from "./numbers.ts";
import { parseSubfield } from "./parse-subfield.ts";
import { tableIn } from "./read-names.ts";
import { refused, type TextSlice, textOf } from "./text-slice.ts";

export const connectionReaders: ActionReaders = {
  ct: readCt,
  nat: (value, { place }) => {
    if (place !== "ct") throw refused(value, "belongs to nat, which is no action by itself", "it inside of ct()");
    return readNat(value);
  },
  clone: (value, { actions, before }) => ({ kind: "clone", actions: actions(value, "clone", before) }),
};

function readCt(value: TextSlice, { names, actions: readActions, before }: ReadContext): Action {
  let [commit, force, alg, tableId] = [false, false, 0, noTable];
  let zone: number | Subfield = 0;
  const actions: Action[] = [];
  for (const { key, keySlice, value: own } of keyValues(value)) {
    if (key === "commit") commit = true;
    else if (key === "force") force = true;
    else if (key === "table") tableId = recirculation(own, names);
    else if (key === "zone") zone = zoneIn(own);
    else if (key === "alg") alg = helperIn(own);
    else if (key === "nat") actions.push(readNat(own));
    else if (key === "exec") actions.push(...readActions(own, "ct", before));
    else throw refused(keySlice, "is no part of ct", "commit, force, table, zone, alg, nat, exec");
  }
  if (force && !commit) throw refused(value, "has force without commit", "commit,force");
  return { kind: "ct", flags: { commit, force }, zone, tableId, alg, actions };
}

function recirculation(slice: TextSlice, names: ReadContext["names"]): number {
  const tableId = tableIn(slice, names);
  if (tableId === noTable) throw refused(slice, "is no table to go on in", "a number up to 254");
  return tableId;
}

function zoneIn(slice: TextSlice): number | Subfield {
  if (integerIn(textOf(slice)) !== undefined) return numberU16(slice, "zone");
  const zone = parseSubfield(slice);
  if (zone.bits !== 16) throw refused(slice, `has ${zone.bits} bits`, "a number, or 16 bits of a field");
  return zone;
}

function helperIn(slice: TextSlice): number {
  for (const [port, name] of connectionHelpers) if (name === textOf(slice)) return port;
  throw refused(slice, "is no helper", [...connectionHelpers.values()].join(", "));
}

const natFlags = { persistent: "persistent", hash: "protoHash", random: "protoRandom" } as const;
type Flag = "src" | "dst" | (typeof natFlags)[keyof typeof natFlags];

function readNat(value: TextSlice): Action {
  const flags: Partial<Record<Flag, true>> = {};
  let range: NatRange = {};
  for (const { key, keySlice, value: own } of keyValues(value)) {
    if (key === "src" || key === "dst") {
      flags[key] = true;
      if (textOf(own) !== "") range = natRange(own);
    } else if (Object.hasOwn(natFlags, key)) flags[natFlags[key as keyof typeof natFlags]] = true;
    else throw refused(keySlice, "is no part of nat", `src, dst, ${Object.keys(natFlags).join(", ")}`);
  }
  const directions = Number(flags.src === true) + Number(flags.dst === true);
  if (directions > 1 || (directions === 0 && Object.keys(flags).length > 0))
    throw refused(value, "needs to be of one direction", "either src or dst");
  if (flags.protoHash === true && flags.protoRandom === true)
    throw refused(value, "says two things about ports", "either hash or random");
  return { kind: "nat", flags, range };
}
