/** Requests for lists, and their replies. @see OpenFlow 1.5.1, 7.3.5 */
import { either, pad, variants, withDefault } from "@loomstack/wire";
import { niciraMultipartReply, niciraMultipartRequest } from "../../nicira/messages.ts";
import { multipart } from "../../of13/multipart/multipart.ts";
import { replyRowsSince13, requestRowsSince13 } from "../../of13/multipart/shared-rows.ts";
import { Port, portNo } from "../../of13/ports.ts";
import { groupDescriptionReplyFields15, groupDescriptionRequestFields15 } from "../groups.ts";
import { portDescriptionReplyFields15 } from "../port-description.ts";
import { tableFeaturesReplyFields15, tableFeaturesRequestFields15 } from "../tables.ts";
import { meterFeaturesReplyFields15, portStatsReplyFields15, queueStatsReplyFields15 } from "./counters.ts";
import { flowMonitorReplyFields15, flowMonitorRequestFields15 } from "./flow-monitor.ts";
import { aggregateReply15, flowStatsReplyFields15 } from "./flows.ts";
import { laterReplies, laterRequests } from "./later.ts";

const portDescriptionRequestFields = { portNo: withDefault(portNo, Port.any), _: pad(4) };

const standardRequests = variants({
  ...requestRowsSince13,
  groupDescription: [7, groupDescriptionRequestFields15],
  tableFeatures: [12, tableFeaturesRequestFields15],
  portDescription: [13, portDescriptionRequestFields],
  flowMonitor: [16, flowMonitorRequestFields15],
});
const standardReplies = variants({
  ...replyRowsSince13,
  flow: [1, flowStatsReplyFields15],
  aggregate: [2, aggregateReply15],
  port: [4, portStatsReplyFields15],
  queue: [5, queueStatsReplyFields15],
  groupDescription: [7, groupDescriptionReplyFields15],
  meterFeatures: [11, meterFeaturesReplyFields15],
  tableFeatures: [12, tableFeaturesReplyFields15],
  portDescription: [13, portDescriptionReplyFields15],
  flowMonitor: [16, flowMonitorReplyFields15],
});

export const requests15 = either(either(standardRequests, laterRequests), niciraMultipartRequest);
export const replies15 = either(either(standardReplies, laterReplies), niciraMultipartReply);

export const multipartRequest15 = multipart(requests15);
export const multipartReply15 = multipart(replies15);
