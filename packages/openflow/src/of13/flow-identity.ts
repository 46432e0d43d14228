/**
 * When are two flows the same? A switch gives a flow back in another form than it was sent in: fields in its own order,
 * masks simplified, loads of whole fields instead of set_field. Here both get one text each for what identifies a flow
 * in a switch, and for everything else that counts. Timeouts, flags and counters don't count.
 */
import type { Action } from "./actions.ts";
import type { Flow } from "./flow.ts";
import type { Instruction } from "./instructions.ts";
import { type Match, type MatchEntry, matchEntries, normalEntry } from "./match.ts";
import { type NormalAction, normalActions } from "./normal-actions.ts";
import { normalText } from "./normal-text.ts";
import { type FieldName, fieldRow } from "./oxm.ts";
import type { UnknownField } from "./oxm-tlv.ts";

/**
 * What a flow is in a switch: its table, its priority and its match. A second flow with the same key replaces the
 * first.
 */
export function flowKey(flow: Pick<Flow, "tableId" | "priority" | "match">): string {
  return `${flow.tableId} ${flow.priority} ${matchKey(flow.match)}`;
}

/** The cookie and the instructions of a flow: two flows with the same key and fingerprint need no change. */
export function flowFingerprint(flow: Pick<Flow, "cookie" | "instructions">): string {
  const instructions = flow.instructions.flatMap(instructionTexts);
  const ordered = instructions.filter(({ text }) => text !== "").sort((a, b) => a.rank - b.rank);
  return `0x${flow.cookie.toString(16)} ${ordered.map(({ text }) => text).join(" ")}`;
}

function matchKey(match: Match): string {
  const known = ownEntries(match).map(
    ({ row, value, mask }) => `${row.name}=${normalText(value)}${mask === undefined ? "" : `/${normalText(mask)}`}`,
  );
  return [...known, ...(match.unknown ?? []).map(unknownFieldText).sort()].join(",");
}

/** The fields of a match as a switch gives them back. */
function ownEntries(match: Match): readonly MatchEntry[] {
  const entries = matchEntries(match).flatMap(loosened);
  if (entries.every(({ row }) => row.parts.length === 0 && !conditional.has(row.name))) return entries;
  const own = entries.flatMap((entry) => (entry.row.parts.length === 0 ? [entry] : partsOf(entry)));
  own.sort((a, b) => a.row.order - b.row.order);
  return own.filter(({ row }) => conditional.get(row.name)?.(own) ?? true);
}

type Condition = (entries: readonly MatchEntry[]) => boolean;

/** An untagged packet has no priority. */
const isTagged: Condition = (entries) => !entries.some(({ row, value }) => row.name === "vlanVid" && value === 0);
/** Open vSwitch forgets a protocol of 0, and tells the tracker's ports only with the protocol that they are of. */
const hasProtocol: Condition = (entries) => entries.some(({ row, value }) => row.name === "ctNwProto" && value !== 0);
const conditional = new Map<FieldName, Condition>([
  ["vlanPcp", isTagged],
  ["ctNwProto", hasProtocol],
  ["ctTpSrc", hasProtocol],
  ["ctTpDst", hasProtocol],
]);

/** Open vSwitch (3.7, too) forgets the bits of these that are zero, whatever the mask says of them. */
const forgetful: ReadonlySet<FieldName> = new Set([
  ...(["tunErspanVer", "tunErspanDir", "tunErspanHwid", "tunGtpuFlags", "tunGtpuMsgtype"] as const),
]);

function loosened(entry: MatchEntry): readonly MatchEntry[] {
  if (!forgetful.has(entry.row.name)) return [entry];
  return entry.value === 0 ? [] : [{ ...entry, mask: entry.value }];
}

function partsOf({ row, value, mask }: MatchEntry): readonly MatchEntry[] {
  const bits = row.type.toInteger(value);
  const ones = (1n << BigInt(row.type.bits)) - 1n;
  const maskBits = mask === undefined ? ones : row.type.toInteger(mask);
  return row.parts.flatMap((part) => {
    const partRow = fieldRow(part.field as FieldName);
    const own = (integer: bigint): bigint => (integer >> BigInt(part.start)) & ((1n << BigInt(part.bits)) - 1n);
    if (partRow.type.form === "port") return [{ row: partRow, value }];
    const condition = { value: partRow.type.fromInteger(own(bits)), mask: partRow.type.fromInteger(own(maskBits)) };
    return normalEntry(partRow, condition) ?? [];
  });
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

interface RankedText {
  readonly rank: number;
  readonly text: string;
}

function ranked(kind: Instruction["kind"], text: string): RankedText {
  return { rank: executionOrder.indexOf(kind), text };
}

function instructionTexts(instruction: Instruction): readonly RankedText[] {
  if (instruction.kind !== "applyActions") return [ranked(instruction.kind, instructionText(instruction))];
  // The action that writes metadata comes back as the instruction.
  const actions = normalActions(instruction.actions);
  const metadata = actions.filter(({ kind }) => kind === "writeMetadata");
  return [
    ranked(
      "applyActions",
      listText(
        "applyActions",
        actions.filter(({ kind }) => kind !== "writeMetadata"),
      ),
    ),
    ...metadata.map((action) =>
      ranked("writeMetadata", metadataText(action as Extract<Action, { readonly kind: "writeMetadata" }>)),
    ),
  ];
}

function instructionText(instruction: Exclude<Instruction, { readonly kind: "applyActions" }>): string {
  switch (instruction.kind) {
    case "writeActions":
      return listText("writeActions", normalActions(instruction.actions));
    case "writeMetadata":
      return metadataText(instruction);
    case "gotoTable":
      return `gotoTable:${instruction.tableId}`;
    case "meter":
      return `meter:${instruction.meterId}`;
    case "clearActions":
      return "clearActions";
    case "unknown":
      return `unknown:${instruction.type}:${normalText(instruction.bytes)}`;
  }
}

function listText(kind: string, actions: readonly NormalAction[]): string {
  return actions.length === 0 ? "" : `${kind}(${actions.map(actionText).join(",")})`;
}

/** Most actions of most flows are of three kinds, which don't need their properties sorted. */
function actionText(action: NormalAction): string {
  if (action.kind === "load")
    return `load:${normalText(action["field"])}[${normalText(action["start"])}+${normalText(action["bits"])}]=${normalText(action["value"])}`;
  if (action.kind === "output") return `output:${normalText(action["port"])}:${normalText(action["maxLen"])}`;
  if (action.kind === "move") return `move:${normalText(action["from"])}->${normalText(action["to"])}`;
  return normalText(action);
}

function metadataText({ metadata, mask }: { readonly metadata: bigint; readonly mask: bigint }): string {
  return `writeMetadata:${normalText(metadata & mask)}/${normalText(mask)}`;
}

function unknownFieldText({ oxmClass, number, hasMask, bytes }: UnknownField): string {
  return `${oxmClass}:${number}:${hasMask ? "m" : ""}:${normalText(bytes)}`;
}
