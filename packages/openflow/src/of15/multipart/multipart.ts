/** Requests for lists, and their replies. @see OpenFlow 1.5.1, 7.3.5 */
import { either, pad, variants, withDefault } from "@loomstack/wire";
import { niciraMultipartReply, niciraMultipartRequest } from "../../nicira/messages.ts";
import { switchDescriptionFields, tableStatsReplyFields } from "../../of13/multipart/descriptions.ts";
import { flowFilterFields } from "../../of13/multipart/flow-stats.ts";
import {
  groupFeaturesReplyFields,
  groupStatsReplyFields,
  groupStatsRequestFields,
} from "../../of13/multipart/groups.ts";
import { meterConfigReplyFields, meterRequestFields, meterStatsReplyFields } from "../../of13/multipart/meters.ts";
import { multipart } from "../../of13/multipart/multipart.ts";
import { portStatsRequestFields, queueStatsRequestFields } from "../../of13/multipart/port-stats.ts";
import { Port, portNo } from "../../of13/ports.ts";
import { groupDescriptionReplyFields15, groupDescriptionRequestFields15 } from "../groups.ts";
import { portDescriptionReplyFields15 } from "../port-description.ts";
import { meterFeaturesReplyFields15, portStatsReplyFields15, queueStatsReplyFields15 } from "./counters.ts";
import { flowMonitorReplyFields15, flowMonitorRequestFields15 } from "./flow-monitor.ts";
import { aggregateReply15, flowStatsReplyFields15 } from "./flows.ts";

const portDescriptionRequestFields = { portNo: withDefault(portNo, Port.any), _: pad(4) };

export const requests15 = either(
  variants({
    description: [0, {}],
    flow: [1, flowFilterFields],
    aggregate: [2, flowFilterFields],
    table: [3, {}],
    port: [4, portStatsRequestFields],
    queue: [5, queueStatsRequestFields],
    group: [6, groupStatsRequestFields],
    groupDescription: [7, groupDescriptionRequestFields15],
    groupFeatures: [8, {}],
    meter: [9, meterRequestFields],
    meterConfig: [10, meterRequestFields],
    meterFeatures: [11, {}],
    portDescription: [13, portDescriptionRequestFields],
    flowMonitor: [16, flowMonitorRequestFields15],
  }),
  niciraMultipartRequest,
);
export const replies15 = either(
  variants({
    description: [0, switchDescriptionFields],
    flow: [1, flowStatsReplyFields15],
    aggregate: [2, aggregateReply15],
    table: [3, tableStatsReplyFields],
    port: [4, portStatsReplyFields15],
    queue: [5, queueStatsReplyFields15],
    group: [6, groupStatsReplyFields],
    groupDescription: [7, groupDescriptionReplyFields15],
    groupFeatures: [8, groupFeaturesReplyFields],
    meter: [9, meterStatsReplyFields],
    meterConfig: [10, meterConfigReplyFields],
    meterFeatures: [11, meterFeaturesReplyFields15],
    portDescription: [13, portDescriptionReplyFields15],
    flowMonitor: [16, flowMonitorReplyFields15],
  }),
  niciraMultipartReply,
);

export const multipartRequest15 = multipart(requests15);
export const multipartReply15 = multipart(replies15);
