/** The buckets of a group. @see ovs-ofctl(8), "Group Syntax" */
import type { OfPort } from "@loomstack/core";
import { BucketId, type BucketGroupMod } from "../../nicira/group-mod.ts";
import type { Action } from "../../of13/actions.ts";
import type { BucketInput, groupTypes } from "../../of13/messages/group-mod.ts";
import { Group, Port } from "../../of13/ports.ts";
import { type KeyValue, keyValues } from "./key-values.ts";
import { numberU16, numberUpTo } from "./numbers.ts";
import { readPlainActions } from "./parse-actions.ts";
import { portIn, type ReadNames } from "./read-names.ts";
import { refused, type TextSlice } from "./text-slice.ts";

export type GroupTypeName = keyof typeof groupTypes;

/** A bucket as its text says it. */
export interface BucketDraft {
  readonly bucketId?: number;
  readonly weight: number;
  readonly watchPort: OfPort;
  readonly watchGroup: number;
  readonly actions: readonly Action[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** @throws OPENFLOW__INVALID_TEXT */
export function readBucket(slice: TextSlice, type: GroupTypeName, inserted: boolean, names: ReadNames): BucketDraft {
  const items: KeyValue[] = [];
  const draft: Mutable<BucketDraft> = {
    ...{ weight: type === "select" ? 1 : 0, watchPort: Port.any, watchGroup: Group.any, actions: [] },
  };
  for (const item of keyValues(slice)) {
    const { value } = item;
    const key = item.key.toLowerCase();
    if (key === "weight") draft.weight = numberU16(value, "weight");
    else if (key === "watch_port") draft.watchPort = watchedPort(value, names);
    else if (key === "watch_group") draft.watchGroup = numberUpTo(value, Group.max, "group");
    else if (key === "bucket_id") draft.bucketId = numberUpTo(value, BucketId.max, "bucket id");
    else if (key === "action" || key === "actions") items.push(...keyValues(value));
    else items.push(item);
  }
  if (items.length === 0) throw refused(slice, "has no actions", "actions=<action>…, or actions=drop");
  if (type === "fastFailover" && draft.watchPort === Port.any && draft.watchGroup === Group.any)
    throw refused(slice, "watches nothing", "watch_port or watch_group in a fast_failover group");
  if (!inserted && type !== "select" && draft.weight !== 0)
    throw refused(slice, "has a weight", "one in groups of the type select only");
  return { ...draft, actions: readPlainActions(items, names) };
}

function watchedPort(slice: TextSlice, names: ReadNames): OfPort {
  const port = portIn(slice, names);
  if (port >= Port.max && port !== Port.any && port !== Port.controller)
    throw refused(slice, "can't be watched", "a port of the switch");
  return port;
}

export function openFlow13Buckets(buckets: readonly BucketDraft[]): readonly BucketInput[] {
  return buckets.map(({ weight, watchPort, watchGroup, actions }) => ({ weight, watchPort, watchGroup, actions }));
}

/** Buckets without an id get the lowest that none of the others has. */
export function openFlow15Buckets(
  buckets: readonly BucketDraft[],
  type: GroupTypeName,
): NonNullable<BucketGroupMod["buckets"]> {
  const taken = new Set(buckets.map(({ bucketId }) => bucketId));
  let next = 0;
  const free = (): number => {
    while (taken.has(next)) next++;
    return next++;
  };
  return buckets.map(({ bucketId, weight, watchPort, watchGroup, actions }) => ({
    bucketId: bucketId ?? free(),
    actions,
    properties: [
      ...(weight !== 0 || type === "select" ? [{ kind: "weight" as const, weight }] : []),
      ...(watchPort === Port.any ? [] : [{ kind: "watchPort" as const, portNo: watchPort }]),
      ...(watchGroup === Group.any ? [] : [{ kind: "watchGroup" as const, groupId: watchGroup }]),
    ],
  }));
}
