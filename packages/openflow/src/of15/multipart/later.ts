/** The multiparts that OpenFlow has only had since 1.4. @see OpenFlow 1.5.1, 7.3.5 (ofp_multipart_type) */
import { variants } from "@loomstack/wire";
import { queueDescriptionReplyFields, queueDescriptionRequestFields } from "../queues.ts";
import { tableDescriptionReplyFields } from "../tables.ts";

export const laterRequests = variants({
  tableDescription: [14, {}],
  queueDescription: [15, queueDescriptionRequestFields],
});
export const laterReplies = variants({
  tableDescription: [14, tableDescriptionReplyFields],
  queueDescription: [15, queueDescriptionReplyFields],
});
