import { bytesToEnd, listToEnd, pad, sized, struct, type StructValue, tlv, u16, u32, variants } from "@loomstack/wire";
import { portNo } from "../ports.ts";

/** Rates are in 1/10 of a percent; more than 1000: no such limit. @see OpenFlow 1.3.5, 7.2.2 (ofp_queue_properties) */
const properties = variants({
  minRate: [1, { _: pad(4), rate: u16, _2: pad(6) }],
  maxRate: [2, { _: pad(4), rate: u16, _2: pad(6) }],
  experimenter: [0xffff, { _: pad(4), experimenter: u32, _2: pad(4), data: bytesToEnd }],
});

const property = tlv({ type: u16, length: u16, alignTo: 1, lengthCountsPadding: true }, properties);

/** @see OpenFlow 1.3.5, 7.2.2 (ofp_packet_queue) */
const packetQueue = struct({
  queueId: u32,
  portNo,
  properties: sized(u16, listToEnd(property), { countsItself: true, countsBefore: 8, gap: 6 }),
});

/** @see OpenFlow 1.3.5, 7.3.6 (ofp_queue_get_config_request) */
export const queueConfigRequestFields = {
  /** `Port.any` for all. */
  portNo,
  _: pad(4),
};

/** @see OpenFlow 1.3.5, 7.3.6 (ofp_queue_get_config_reply) */
export const queueConfigReplyFields = { portNo, _: pad(4), queues: listToEnd(packetQueue) };

export type QueueConfig = StructValue<typeof queueConfigReplyFields>;
