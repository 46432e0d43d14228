import {
  type InputOf,
  listToEnd,
  openEnumOf,
  pad,
  sized,
  struct,
  type StructInput,
  u16,
  u32,
  u8,
  type ValueOf,
  withDefault,
} from "@loomstack/wire";
import { actions } from "../actions.ts";
import { Group, Port, portNo } from "../ports.ts";

/** @see OpenFlow 1.3.5, 7.3.4.2 (ofp_group_type) */
export const groupTypes = {
  /** A copy of the packet through each bucket. */
  all: 0,
  /** Through one bucket, which the switch chooses by weight. */
  select: 1,
  /** Through the only bucket. */
  indirect: 2,
  /** Through the first bucket whose port or group is live. */
  fastFailover: 3,
} as const;

/** @see OpenFlow 1.3.5, 7.3.4.2 (ofp_bucket) */
export const bucket = sized(
  u16,
  struct({
    /** For `select` groups only: its share of the packets. */
    weight: withDefault(u16, 0),
    /** For `fastFailover` groups only: the port, or the group, that has to be live. */
    watchPort: withDefault(portNo, Port.any),
    watchGroup: withDefault(u32, Group.any),
    _: pad(4),
    actions,
  }),
  { countsItself: true },
);

/** Adds, changes or removes a group. @see OpenFlow 1.3.5, 7.3.4.2 (ofp_group_mod) */
export const groupModFields = {
  command: openEnumOf(u16, { add: 0, modify: 1, delete: 2 }),
  type: openEnumOf(u8, groupTypes),
  _: pad(1),
  /** `Group.all` in a deletion removes all groups. */
  groupId: u32,
  buckets: withDefault(listToEnd(bucket), []),
};

export type GroupMod = { readonly kind: "groupMod" } & StructInput<typeof groupModFields>;
/** What a group may do with a packet: a list of actions, and when. */
export type Bucket = ValueOf<typeof bucket>;
export type BucketInput = InputOf<typeof bucket>;
