/** Requests for lists, and their replies, which may come in several messages. @see OpenFlow 1.3.5, 7.3.5 */
import {
  type Codec,
  either,
  type InputOf,
  readVariant,
  tagOfVariant,
  u16,
  type UnknownVariant,
  type ValueOf,
  variants,
  type Variants,
  writeVariant,
} from "@loomstack/wire";
import { niciraMultipartReply, niciraMultipartRequest } from "../../nicira/messages.ts";
import { flowMonitorReply, flowMonitorRequest } from "../../onf/flow-monitor.ts";
import { laterReplies, laterRequests } from "../../of15/multipart/later.ts";
import { laterThan } from "../../version/later.ts";
import { portDescriptionReplyFields } from "./descriptions.ts";
import { aggregateReplyFields, flowStatsReplyFields } from "./flow-stats.ts";
import { groupDescriptionReplyFields } from "./groups.ts";
import { meterFeaturesReplyFields } from "./meters.ts";
import { portStatsReplyFields, queueStatsReplyFields } from "./port-stats.ts";
import { replyRowsSince13, requestRowsSince13 } from "./shared-rows.ts";
import { tableFeaturesReplyFields, tableFeaturesRequestFields } from "./table-features.ts";

const requests = variants({
  ...requestRowsSince13,
  groupDescription: [7, {}],
  tableFeatures: [12, tableFeaturesRequestFields],
  portDescription: [13, {}],
});
const replies = variants({
  ...replyRowsSince13,
  flow: [1, flowStatsReplyFields],
  aggregate: [2, aggregateReplyFields],
  port: [4, portStatsReplyFields],
  queue: [5, queueStatsReplyFields],
  groupDescription: [7, groupDescriptionReplyFields],
  meterFeatures: [11, meterFeaturesReplyFields],
  tableFeatures: [12, tableFeaturesReplyFields],
  portDescription: [13, portDescriptionReplyFields],
});

interface Multipart<Body> {
  /** Whether another message with the same transaction id follows (OFPMPF_REQ_MORE, OFPMPF_REPLY_MORE). */
  readonly more: boolean;
  readonly body: Body;
}

interface MultipartInput<Body> {
  readonly more?: boolean | undefined;
  readonly body: Body;
}

/**
 * ofp_multipart_request and ofp_multipart_reply, which look the same.
 *
 * @param gap bytes of padding in front of the body
 */
export function multipart<Value, Input>(
  family: Variants<Value, Input>,
  gap = 4,
): Codec<Multipart<Value | UnknownVariant>, MultipartInput<Input | UnknownVariant>> {
  return {
    read(reader) {
      const type = u16.read(reader);
      const more = u16.read(reader) % 2 === 1;
      reader.skip(gap);
      return { more, body: readVariant(family, reader, type) };
    },
    write(writer, { more, body }) {
      u16.write(writer, tagOfVariant(family, body));
      u16.write(writer, more === true ? 1 : 0);
      writer.zeros(gap);
      writeVariant(family, writer, body);
    },
  };
}

const extensionRequests = either(flowMonitorRequest, niciraMultipartRequest);
const extensionReplies = either(flowMonitorReply, niciraMultipartReply);

export const requests13 = either(requests, extensionRequests);
export const replies13 = either(replies, extensionReplies);

export const multipartRequest = multipart(either(requests13, laterThan("1.3", laterRequests)));
export const multipartReply = multipart(either(replies13, laterThan("1.3", laterReplies)));

export type MultipartRequestBody = InputOf<typeof multipartRequest>["body"];
export type MultipartReplyBody = ValueOf<typeof multipartReply>["body"];
