/** What multiparts of more than one version of OpenFlow have in common, each declared once. */
import { switchDescriptionFields, tableStatsReplyFields } from "./descriptions.ts";
import { flowFilterFields } from "./flow-stats.ts";
import { groupFeaturesReplyFields, groupStatsReplyFields, groupStatsRequestFields } from "./groups.ts";
import { meterConfigReplyFields, meterRequestFields, meterStatsReplyFields } from "./meters.ts";
import { portStatsRequestFields, queueStatsRequestFields } from "./port-stats.ts";

/** The requests that are the same in 1.0, 1.3 and 1.5. */
export const requestRowsOfAllVersions = { description: [0, {}], table: [3, {}] } as const;

/** The replies that are the same in 1.0, 1.3 and 1.5. */
export const replyRowsOfAllVersions = { description: [0, switchDescriptionFields] } as const;

/** The requests that are the same in 1.3 and 1.5. @see OpenFlow 1.3.5, 7.3.5 (ofp_multipart_type) */
export const requestRowsSince13 = {
  ...requestRowsOfAllVersions,
  flow: [1, flowFilterFields],
  aggregate: [2, flowFilterFields],
  port: [4, portStatsRequestFields],
  queue: [5, queueStatsRequestFields],
  group: [6, groupStatsRequestFields],
  groupFeatures: [8, {}],
  meter: [9, meterRequestFields],
  meterConfig: [10, meterRequestFields],
  meterFeatures: [11, {}],
} as const;

/** The replies that are the same in 1.3 and 1.5. */
export const replyRowsSince13 = {
  ...replyRowsOfAllVersions,
  table: [3, tableStatsReplyFields],
  group: [6, groupStatsReplyFields],
  groupFeatures: [8, groupFeaturesReplyFields],
  meter: [9, meterStatsReplyFields],
  meterConfig: [10, meterConfigReplyFields],
} as const;
