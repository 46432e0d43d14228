/** Groups in ovs-ofctl's syntax: what it prints for `dump-groups`, and reads in `add-group`. */
import { BucketId, type BucketGroupMod } from "../nicira/group-mod.ts";
import { matchEntries } from "../of13/match.ts";
import type { BucketInput, GroupMod } from "../of13/messages/group-mod.ts";
import type { GroupDescription, GroupStats } from "../of13/multipart/groups.ts";
import { Group, Port } from "../of13/ports.ts";
import { formatActions } from "./format-actions.ts";
import { formatSetValue } from "./format-masked.ts";
import { formatDuration } from "./format-duration.ts";
import { type FlowNames, portName } from "./names.ts";
import { list } from "./values.ts";

/** What ovs-ofctl calls the types of groups that it names otherwise. */
const typeWords: Readonly<Record<string, string>> = { fastFailover: "ff" };

/** @example "group_id=1,type=select,bucket=weight:50,actions=output:1" */
export function formatGroup(group: GroupDescription | GroupMod, names: FlowNames = {}): string {
  const { groupId, type, buckets = [] } = group;
  return list(
    `group_id=${groupText(groupId)}`,
    `type=${typeText(type)}`,
    ...buckets.map((bucket) => formatBucket(bucket, type, names)),
  );
}

/** A group with ids of buckets and a selection method. */
export function formatBucketGroup(group: BucketGroupMod, names: FlowNames = {}): string {
  const { groupId, type, buckets = [], properties = [], commandBucketId = BucketId.all } = group;
  const takesType = ["add", "modify", "addOrModify"].includes(group.command.toString());
  return list(
    (group.command === "insertBucket" || group.command === "removeBucket") &&
      `command_bucket_id=${bucketIdText(commandBucketId)}`,
    `group_id=${groupText(groupId)}`,
    takesType && `type=${typeText(type)}`,
    ...properties.map(formatSelection),
    ...buckets.map((bucket) => formatBucket(flatBucket(bucket), type, names)),
  );
}

export function formatGroupStats(stats: GroupStats): string {
  const { groupId, referenceCount, packetCount, byteCount, durationSec, durationNsec, buckets } = stats;
  return list(
    `group_id=${groupId}`,
    `duration=${formatDuration(durationSec, durationNsec)}`,
    `ref_count=${referenceCount}`,
    `packet_count=${packetCount}`,
    `byte_count=${byteCount}`,
    ...buckets.map(
      (bucket, index) => `bucket${index}:packet_count=${bucket.packetCount},byte_count=${bucket.byteCount}`,
    ),
  );
}

export function groupText(groupId: number): string {
  return groupId === Group.all ? "all" : groupId === Group.any ? "any" : groupId.toString();
}

function typeText(type: string | number): string {
  return typeWords[type] ?? type.toString();
}

type FlatBucket = BucketInput & { readonly bucketId?: number };

function formatBucket(bucket: FlatBucket, type: string | number, names: FlowNames): string {
  const { bucketId, weight = 0, watchPort = Port.any, watchGroup = Group.any, actions } = bucket;
  const parts = list(
    bucketId !== undefined && `bucket_id:${bucketIdText(bucketId)}`,
    weight !== (type === "select" ? 1 : 0) && `weight:${weight}`,
    watchPort !== Port.any && `watch_port:${portName(watchPort, names)}`,
    watchGroup !== Group.any && `watch_group:${watchGroup}`,
    `actions=${formatActions(actions, names) || "drop"}`,
  );
  return `bucket=${parts}`;
}

type ExtendedBucket = NonNullable<BucketGroupMod["buckets"]>[number];

function flatBucket({ bucketId, actions, properties = [] }: ExtendedBucket): FlatBucket {
  let flat: FlatBucket = { bucketId, actions };
  for (const property of properties) {
    if (property.kind === "weight") flat = { ...flat, weight: property.weight };
    else if (property.kind === "watchPort") flat = { ...flat, watchPort: property.portNo };
    else if (property.kind === "watchGroup") flat = { ...flat, watchGroup: property.groupId };
  }
  return flat;
}

function bucketIdText(bucketId: number): string {
  if (bucketId === BucketId.first) return "first";
  if (bucketId === BucketId.last) return "last";
  return bucketId === BucketId.all ? "all" : bucketId.toString();
}

type GroupProperty = NonNullable<BucketGroupMod["properties"]>[number];

function formatSelection(property: GroupProperty): string | false {
  if (property.kind !== "selectionMethod") return false;
  const { method, parameter, fields = {} } = property;
  const masks = matchEntries(fields).map(({ row, value }) => {
    const whole = row.type.toInteger(value) === (1n << BigInt(row.type.bits)) - 1n;
    return whole ? row.setName : `${row.setName}=${formatSetValue(row, value, undefined)}`;
  });
  return list(
    `selection_method=${method}`,
    parameter !== 0n && `selection_method_param=${parameter}`,
    masks.length === 1 && `fields=${masks.join("")}`,
    masks.length > 1 && `fields(${masks.join(",")})`,
  );
}
