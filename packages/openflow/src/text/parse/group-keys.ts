/** What a group's text says in front of its buckets. @see ovs-ofctl(8), "Group Syntax" */
import { BucketId } from "../../nicira/group-mod.ts";
import type { Match } from "../../of13/match.ts";
import { Group } from "../../of13/ports.ts";
import { fieldsInMatch } from "./field-names.ts";
import { maskedBits } from "./field-values.ts";
import type { GroupTypeName } from "./group-buckets.ts";
import { keyValues } from "./key-values.ts";
import { numberU64 } from "./numbers.ts";
import { groupIn } from "./read-names.ts";
import { refused, type TextSlice, textOf } from "./text-slice.ts";

/** The commands of ovs-ofctl's group files. */
export const groupCommandWords = {
  ...({ add: "add", modify: "modify", delete: "delete" } as const),
  ...({ add_or_mod: "addOrModify", insert_bucket: "insertBucket", remove_bucket: "removeBucket" } as const),
};
export type GroupCommand = (typeof groupCommandWords)[keyof typeof groupCommandWords];

const typeWords = {
  ...({
    all: "all",
    select: "select",
    indirect: "indirect",
    ff: "fastFailover",
    fast_failover: "fastFailover",
  } as const),
};

/** How a group of the type select chooses. */
export interface Selection {
  readonly method: string;
  readonly parameter: bigint;
  /** For each field that counts, its mask in the place of the value. */
  readonly fields: Match;
}

export interface GroupKeys {
  readonly groupId: number;
  readonly type?: GroupTypeName | undefined;
  readonly commandBucketId?: number | undefined;
  readonly selection?: Selection | undefined;
}

interface Draft {
  groupId?: number;
  type?: GroupTypeName;
  commandBucketId?: number;
  method?: string;
  parameter?: bigint;
  fields?: Match;
}

const longestMethod = 15;
const bucketWords = { all: BucketId.all, first: BucketId.first, last: BucketId.last };

/** @throws OPENFLOW__INVALID_TEXT */
export function readGroupKeys(slice: TextSlice, command: GroupCommand): GroupKeys {
  const takesType = command === "add" || command === "modify" || command === "addOrModify";
  const takesBucketId = command === "insertBucket" || command === "removeBucket";
  const allowed = [
    "group_id",
    ...(takesType ? ["type", "selection_method", "selection_method_param", "fields"] : []),
    ...(takesBucketId ? ["command_bucket_id"] : []),
  ];
  const draft: Draft = {};
  for (const { key, keySlice, value } of keyValues(slice)) {
    if (!allowed.includes(key)) throw refused(keySlice, "is no key of such a group", `${allowed.join(", ")}, bucket`);
    readKey(draft, key, value);
  }
  const { groupId, type, commandBucketId } = draft;
  if (groupId === undefined) throw refused(slice, "has no group_id", "group_id=<number>");
  if (takesType && type === undefined)
    throw refused(slice, "has no type", `type=${Object.keys(typeWords).join(" or ")}`);
  if (command === "insertBucket" && (commandBucketId ?? BucketId.all) === BucketId.all)
    throw refused(slice, "doesn't say where", "command_bucket_id=first, last or a number");
  return { groupId, type, commandBucketId, selection: selectionOf(draft, slice) };
}

function readKey(draft: Draft, key: string, value: TextSlice): void {
  switch (key) {
    case "group_id":
      draft.groupId = groupIn(value, { all: Group.all }, Group.max);
      break;
    case "type":
      if (!Object.hasOwn(typeWords, textOf(value)))
        throw refused(value, "is no type", Object.keys(typeWords).join(", "));
      draft.type = typeWords[textOf(value) as keyof typeof typeWords];
      break;
    case "command_bucket_id":
      draft.commandBucketId = groupIn(value, bucketWords, BucketId.max);
      break;
    case "selection_method":
      if (textOf(value).length > longestMethod)
        throw refused(value, "is too long", `at most ${longestMethod} characters`);
      draft.method = textOf(value);
      break;
    case "selection_method_param":
      draft.parameter = numberU64(value, "parameter");
      break;
    default:
      draft.fields = fieldMasks(value);
  }
}

function selectionOf({ method, parameter = 0n, fields = {} }: Draft, slice: TextSlice): Selection | undefined {
  const hasFields = Object.keys(fields).length > 0;
  if (hasFields && method !== "hash") throw refused(slice, "has fields", "them with selection_method=hash");
  if (method !== undefined && method !== "") return { method, parameter, fields };
  if (parameter !== 0n) throw refused(slice, "has a selection_method_param", "it with a selection_method");
  return undefined;
}

/** Names of fields, some with the bits of them that count. */
function fieldMasks(slice: TextSlice): Match {
  const masks: Record<string, unknown> = {};
  for (const { key, keySlice, value } of keyValues(slice)) {
    const [row] = fieldsInMatch(key);
    if (row === undefined || row.type.variable) throw refused(keySlice, "is no field", "a name of ovs-fields(7)");
    if (row.name in masks) throw refused(keySlice, "is there for the second time", "each field once");
    const whole = (1n << BigInt(row.type.bits)) - 1n;
    const bits = textOf(value) === "" ? whole : maskedBits(row, value, {}).bits;
    if (bits === 0n || (bits !== whole && !row.maskable))
      throw refused(value, `is no mask of ${row.setName}`, "bits that count, at least one");
    masks[row.name] = row.type.fromInteger(bits);
  }
  return masks;
}
