import {
  bits,
  listOf,
  listToEnd,
  openEnumOf,
  pad,
  sized,
  struct,
  type StructValue,
  u16,
  u32,
  u64,
  u8,
  type ValueOf,
  withDefault,
} from "@loomstack/wire";
import { bucket, groupTypes } from "../messages/group-mod.ts";
import { Group } from "../ports.ts";

/** @see OpenFlow 1.3.5, 7.3.5.9 (ofp_group_stats_request) */
export const groupStatsRequestFields = { groupId: withDefault(u32, Group.all), _: pad(4) };

/** Counters of a group and of its buckets. @see OpenFlow 1.3.5, 7.3.5.9 (ofp_group_stats) */
export const groupStats = sized(
  u16,
  struct({
    groupId: u32,
    /** Flows and groups that lead to it. */
    referenceCount: u32,
    _: pad(4),
    packetCount: u64,
    byteCount: u64,
    durationSec: u32,
    durationNsec: u32,
    buckets: listToEnd(struct({ packetCount: u64, byteCount: u64 })),
  }),
  { countsItself: true, gap: 2 },
);

export const groupStatsReplyFields = { entries: listToEnd(groupStats) };

/** A group as it was made. @see OpenFlow 1.3.5, 7.3.5.10 (ofp_group_desc) */
export const groupDescription = sized(
  u16,
  struct({ type: openEnumOf(u8, groupTypes), _: pad(1), groupId: u32, buckets: listToEnd(bucket) }),
  { countsItself: true },
);

export const groupDescriptionReplyFields = { entries: listToEnd(groupDescription) };

/** What groups a switch can have; lists are by type of group. @see OpenFlow 1.3.5, 7.3.5.11 (ofp_group_features) */
export const groupFeaturesReplyFields = {
  types: bits(u32, groupTypes),
  capabilities: bits(u32, { selectWeight: 0, selectLiveness: 1, chaining: 2, chainingChecks: 3 }),
  /** The most groups. */
  maxGroups: listOf(u32, 4),
  /** The actions that buckets may have, as bits by their number. */
  actions: listOf(u32, 4),
};

export type GroupStats = ValueOf<typeof groupStats>;
export type GroupDescription = ValueOf<typeof groupDescription>;
export type GroupFeatures = StructValue<typeof groupFeaturesReplyFields>;
