import { listToEnd, mapped, pad, u32, type ValueOf, withDefault } from "@loomstack/wire";
import {
  type BucketGroupMod,
  bucketGroupModWith,
  bucketProperties,
  groupDescriptionWith,
} from "../nicira/group-mod.ts";
import type { BucketInput, GroupMod } from "../of13/messages/group-mod.ts";
import type { GroupDescription } from "../of13/multipart/groups.ts";
import { Group, Port } from "../of13/ports.ts";
import { actions15 } from "./actions.ts";
import { keptProperties } from "./properties.ts";

export const groupMod15 = bucketGroupModWith(actions15);

type Bucket15 = NonNullable<BucketGroupMod["buckets"]>[number];
type Properties = NonNullable<Bucket15["properties"]>;

/** A bucket of OpenFlow 1.3 that may have an id, and properties that aren't known. */
type AnyBucket = BucketInput & { readonly bucketId?: number; readonly properties?: Properties };

/** A group mod of OpenFlow 1.3 in that of 1.5, where a bucket has an id: its place. */
export function newerGroupMod({ buckets = [], ...rest }: Omit<GroupMod, "kind">): BucketGroupMod {
  return { ...rest, buckets: buckets.map(newerBucket) };
}

function newerBucket(bucket: AnyBucket, place: number): Bucket15 {
  const { bucketId = place, actions, properties = propertiesOf(bucket) } = bucket;
  return { bucketId, actions, properties };
}

function propertiesOf({ weight = 0, watchPort = Port.any, watchGroup = Group.any }: BucketInput): Properties {
  return [
    ...(weight === 0 ? [] : [{ kind: "weight", weight } as const]),
    ...(watchPort === Port.any ? [] : [{ kind: "watchPort", portNo: watchPort } as const]),
    ...(watchGroup === Group.any ? [] : [{ kind: "watchGroup", groupId: watchGroup } as const]),
  ];
}

/** @see OpenFlow 1.5.1, 7.3.5.10 (ofp_group_multipart_request) */
export const groupDescriptionRequestFields15 = { groupId: withDefault(u32, Group.all), _: pad(4) };

const description = groupDescriptionWith(actions15);
type ReceivedBucket = ValueOf<typeof description>["buckets"][number];

function olderBucket({ bucketId, actions, properties }: ReceivedBucket) {
  const bucket = { bucketId, weight: 0, watchPort: Port.any, watchGroup: Group.any as number, actions };
  for (const member of properties) {
    if (member.kind === "weight") bucket.weight = member.weight;
    else if (member.kind === "watchPort") bucket.watchPort = member.portNo;
    else if (member.kind === "watchGroup") bucket.watchGroup = member.groupId;
  }
  return { ...bucket, ...keptProperties(bucketProperties, properties, propertiesOf(bucket)) };
}

/** A group as it was made, with its buckets as OpenFlow 1.3 has them and their ids. */
const groupDescription15 = mapped(description, {
  decode: ({ buckets, properties, ...rest }) => ({
    ...rest,
    buckets: buckets.map(olderBucket),
    ...(properties.length === 0 ? {} : { properties }),
  }),
  encode: ({ buckets, ...rest }: GroupDescription & Pick<BucketGroupMod, "properties">) => ({
    ...rest,
    buckets: buckets.map(newerBucket),
  }),
});

export const groupDescriptionReplyFields15 = { entries: listToEnd(groupDescription15) };
