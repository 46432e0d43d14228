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
import {
  groupDescriptionReplyFields,
  groupFeaturesReplyFields,
  groupStatsReplyFields,
  groupStatsRequestFields,
} from "./groups.ts";
import {
  meterConfigReplyFields,
  meterFeaturesReplyFields,
  meterRequestFields,
  meterStatsReplyFields,
} from "./meters.ts";
import {
  portStatsReplyFields,
  portStatsRequestFields,
  queueStatsReplyFields,
  queueStatsRequestFields,
} from "./port-stats.ts";
import { tableFeaturesReplyFields, tableFeaturesRequestFields } from "./table-features.ts";
import { flowMonitorReply, flowMonitorRequest } from "../../onf/flow-monitor.ts";
import { portDescriptionReplyFields, switchDescriptionFields, tableStatsReplyFields } from "./descriptions.ts";
import { aggregateReplyFields, flowFilterFields, flowStatsReplyFields } from "./flow-stats.ts";

const requests = variants({
  description: [0, {}],
  flow: [1, flowFilterFields],
  aggregate: [2, flowFilterFields],
  table: [3, {}],
  port: [4, portStatsRequestFields],
  queue: [5, queueStatsRequestFields],
  group: [6, groupStatsRequestFields],
  groupDescription: [7, {}],
  groupFeatures: [8, {}],
  meter: [9, meterRequestFields],
  meterConfig: [10, meterRequestFields],
  meterFeatures: [11, {}],
  tableFeatures: [12, tableFeaturesRequestFields],
  portDescription: [13, {}],
});
const replies = variants({
  description: [0, switchDescriptionFields],
  flow: [1, flowStatsReplyFields],
  aggregate: [2, aggregateReplyFields],
  table: [3, tableStatsReplyFields],
  port: [4, portStatsReplyFields],
  queue: [5, queueStatsReplyFields],
  group: [6, groupStatsReplyFields],
  groupDescription: [7, groupDescriptionReplyFields],
  groupFeatures: [8, groupFeaturesReplyFields],
  meter: [9, meterStatsReplyFields],
  meterConfig: [10, meterConfigReplyFields],
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

export const multipartRequest = multipart(either(requests, either(flowMonitorRequest, niciraMultipartRequest)));
export const multipartReply = multipart(either(replies, either(flowMonitorReply, niciraMultipartReply)));

export type MultipartRequestBody = InputOf<typeof multipartRequest>["body"];
export type MultipartReplyBody = ValueOf<typeof multipartReply>["body"];
