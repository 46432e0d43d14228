/** Groups as ovs-ofctl reads and prints them. @see ovs-ofctl(8), "Group Syntax" */
import { BucketId, type BucketGroupMod } from "../../nicira/group-mod.ts";
import type { GroupMod } from "../../of13/messages/group-mod.ts";
import { Group } from "../../of13/ports.ts";
import {
  type BucketDraft,
  type GroupTypeName,
  openFlow13Buckets,
  openFlow15Buckets,
  readBucket,
} from "./group-buckets.ts";
import { type GroupCommand, groupCommandWords, type GroupKeys, readGroupKeys } from "./group-keys.ts";
import type { ReadNames } from "./read-names.ts";
import { part, refused, type TextSlice, textOf, wholeText } from "./text-slice.ts";

export interface GroupReadOptions {
  readonly names?: ReadNames | undefined;
  /** Where the text doesn't start with one; `add` without. */
  readonly command?: GroupCommand | undefined;
}

/** A change of a group, with ids of buckets and a selection method where the text speaks of them. */
export type ParsedGroup = GroupMod | ({ readonly kind: "bucketGroupMod" } & BucketGroupMod);

/**
 * The message for a group, as `ovs-ofctl add-group` takes it and as `ovs-ofctl dump-groups` prints it. It is OpenFlow
 * 1.3's own where that can say it, else that of OpenFlow 1.5 in Nicira's clothes.
 *
 * @example parseGroup("group_id=1,type=select,bucket=weight:50,actions=output:1,bucket=weight:50,actions=output:2")
 * @throws OPENFLOW__INVALID_TEXT for what ovs-ofctl doesn't read, OPENFLOW__TEXT_TOO_LONG
 */
export function parseGroup(text: string, { names = {}, command }: GroupReadOptions = {}): ParsedGroup {
  const slice = wholeText(text);
  const [given, rest] = command === undefined ? commandIn(slice) : [command, slice];
  if (given === "delete" && textOf(rest).trim() === "") return deletionOf(Group.all);
  const at = textOf(rest).indexOf(bucketWord);
  const keys = readGroupKeys(at < 0 ? rest : part(rest, 0, at), given);
  const type: GroupTypeName = keys.type ?? "all";
  const texts = at < 0 ? [] : bucketTexts(part(rest, at));
  if (texts.length > 0 && (given === "delete" || given === "removeBucket"))
    throw refused(part(rest, at), "has buckets", `${given} without them`);
  const buckets = texts.map((bucket) => readBucket(bucket, type, given === "insertBucket", names));
  if (type === "indirect" && buckets.length > 1) throw refused(part(rest, at), "are too many buckets", "at most one");
  return isPlain(given, keys, buckets)
    ? plainGroup(given, keys, type, buckets)
    : extendedGroup(given, keys, type, buckets);
}

const bucketWord = "bucket=";

function commandIn(slice: TextSlice): readonly [GroupCommand, TextSlice] {
  const [, space = "", word = ""] = /^(\s*)([a-z_]+)(?=[\s,]|$)/.exec(textOf(slice)) ?? [];
  if (!Object.hasOwn(groupCommandWords, word)) return ["add", slice];
  const command = groupCommandWords[word as keyof typeof groupCommandWords];
  return [command, part(slice, space.length + word.length)];
}

/** What is behind each `bucket=`. */
function bucketTexts(slice: TextSlice): readonly TextSlice[] {
  const text = textOf(slice);
  const starts = [...text.matchAll(/bucket=/g)].map(({ index }) => index);
  return starts.map((start, index) => part(slice, start + bucketWord.length, starts[index + 1] ?? text.length));
}

type Plain = GroupMod["command"] & ("add" | "modify" | "delete");

function isPlain(command: GroupCommand, keys: GroupKeys, buckets: readonly BucketDraft[]): command is Plain {
  const isCommand = command === "add" || command === "modify" || command === "delete";
  return isCommand && keys.selection === undefined && buckets.every(({ bucketId }) => bucketId === undefined);
}

function plainGroup(
  command: Plain,
  { groupId }: GroupKeys,
  type: GroupTypeName,
  buckets: readonly BucketDraft[],
): GroupMod {
  if (command === "delete") return deletionOf(groupId);
  return { kind: "groupMod", command, type, groupId, buckets: openFlow13Buckets(buckets) };
}

function deletionOf(groupId: number): GroupMod {
  return { kind: "groupMod", command: "delete", type: "all", groupId, buckets: [] };
}

function extendedGroup(
  command: GroupCommand,
  { groupId, commandBucketId = BucketId.all, selection }: GroupKeys,
  type: GroupTypeName,
  buckets: readonly BucketDraft[],
): ParsedGroup {
  const properties = selection === undefined ? [] : [{ kind: "selectionMethod" as const, ...selection }];
  return {
    ...{ kind: "bucketGroupMod", command, type, groupId, commandBucketId },
    ...{ buckets: openFlow15Buckets(buckets, type), properties },
  };
}
