/** Requests for lists, and their replies, which OpenFlow 1.0 calls statistics. @see OpenFlow 1.0.0, 5.3.5 */
import { variants } from "@loomstack/wire";
import { aggregateReplyFields } from "../../of13/multipart/flow-stats.ts";
import { multipart } from "../../of13/multipart/multipart.ts";
import { replyRowsOfAllVersions, requestRowsOfAllVersions } from "../../of13/multipart/shared-rows.ts";
import { portDescriptionReplyFields10 } from "../port-description.ts";
import {
  portStatsReplyFields10,
  portStatsRequestFields10,
  queueStatsReplyFields10,
  queueStatsRequestFields10,
  tableStatsReplyFields10,
} from "./counters.ts";
import { flowFilter10, flowStatsReplyFields10 } from "./flows.ts";

/** Open vSwitch describes ports in OpenFlow 1.0, too. */
const portDescriptionType = 13;

export const requests10 = variants({
  ...requestRowsOfAllVersions,
  flow: [1, flowFilter10],
  aggregate: [2, flowFilter10],
  port: [4, portStatsRequestFields10],
  queue: [5, queueStatsRequestFields10],
  portDescription: [portDescriptionType, {}],
});
export const replies10 = variants({
  ...replyRowsOfAllVersions,
  flow: [1, flowStatsReplyFields10],
  aggregate: [2, aggregateReplyFields],
  table: [3, tableStatsReplyFields10],
  port: [4, portStatsReplyFields10],
  queue: [5, queueStatsReplyFields10],
  portDescription: [portDescriptionType, portDescriptionReplyFields10],
});

export const multipartRequest10 = multipart(requests10, 0);
export const multipartReply10 = multipart(replies10, 0);
