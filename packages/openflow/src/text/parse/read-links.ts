/** bundle, bundle_load and multipath: a choice of one of several links. */
import { bundleAlgorithms, hashFieldNumbers, multipathAlgorithms } from "../../nicira/link-choice.ts";
import type { Action } from "../../of13/actions.ts";
import { fieldRow } from "../../of13/oxm.ts";
import type { Subfield } from "../../nicira/subfield.ts";
import type { ActionReaders } from "./action-reader.ts";
import { numberU16, numberU32, numberUpTo } from "./numbers.ts";
import { parseSubfield } from "./parse-subfield.ts";
import { portIn, type ReadNames } from "./read-names.ts";
import { part, pieces, refused, type TextSlice, textOf } from "./text-slice.ts";
import { oneOf } from "./words.ts";

const separators = /[, ]/;
const mostMembers = 2048;

export const linkReaders: ActionReaders = {
  multipath: (value) => {
    const [fields, basis, algorithm, links, argument, target] = pieces(value, separators);
    if (!fields || !basis || !algorithm || !links || !argument || !target)
      throw refused(value, "says too little", "<fields>,<basis>,<algorithm>,<links>,<argument>,<field>");
    const to = shortField(target);
    const maxLink = numberUpTo(links, 0x1_0000, "number of links", 1) - 1;
    if (to.bits < 16 && maxLink >= 2 ** to.bits)
      throw refused(links, `are more links than ${to.bits} bits can number`, "more bits, or fewer links");
    return {
      ...{ kind: "multipath", fields: fieldsIn(fields), basis: numberU16(basis, "basis"), to, maxLink },
      algorithm: oneOf(algorithm, keysOf(multipathAlgorithms), "algorithm"),
      argument: numberU32(argument, "argument"),
    };
  },
  bundle: (value, { names }) => ({ kind: "bundle", ...bundleHead(value), members: membersIn(value, 4, names) }),
  bundle_load: (value, { names }) => {
    const target = pieces(value, separators)[4];
    if (target === undefined) throw refused(value, "says too little", "a field behind ofport");
    return { kind: "bundleLoad", ...bundleHead(value), to: shortField(target), members: membersIn(value, 5, names) };
  },
};

type Head = Pick<Extract<Action, { readonly kind: "bundle" }>, "fields" | "basis" | "algorithm">;

function bundleHead(value: TextSlice): Head {
  const [fields, basis, algorithm, type] = pieces(value, separators);
  if (!fields || !basis || !algorithm || !type)
    throw refused(value, "says too little", "<fields>,<basis>,<algorithm>,ofport,members:<port>…");
  oneOf(type, ["ofport"], "type of member");
  return {
    fields: fieldsIn(fields),
    basis: numberU16(basis, "basis"),
    algorithm: oneOf(algorithm, keysOf(bundleAlgorithms), "algorithm"),
  };
}

/** @param before how many pieces are in front of the word members */
function membersIn(value: TextSlice, before: number, names: ReadNames): readonly ReturnType<typeof portIn>[] {
  const start = pieces(value, separators)[before]?.start;
  const rest = start === undefined ? undefined : part(value, start - value.start);
  const [, word] = /^(members|slaves)(?=[: ])/i.exec(rest === undefined ? "" : textOf(rest)) ?? [];
  if (rest === undefined || word === undefined) throw refused(value, "has no members", "members:<port>,<port>…");
  const members = pieces(part(rest, word.length), /[:, [\]]/).map((piece) => portIn(piece, names));
  if (members.length > mostMembers) throw refused(rest, "are too many members", `at most ${mostMembers}`);
  return members;
}

function fieldsIn(slice: TextSlice): Head["fields"] {
  return oneOf(slice, keysOf(hashFieldNumbers), "set of fields to hash");
}

function shortField(slice: TextSlice): Subfield {
  const to = parseSubfield(slice);
  if (fieldRow(to.field).subfield.experimenter !== undefined)
    throw refused(slice, "is an experimenter's field, for which there is no room here", "another field");
  return to;
}

function keysOf<Key extends string>(record: Readonly<Record<Key, number>>): readonly Key[] {
  return Object.keys(record) as Key[];
}
