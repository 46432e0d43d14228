import { bytesToEnd, listToEnd, pad, sized, struct, u16, u32, type ValueOf, variants } from "@loomstack/wire";
import { queueStatsRequestFields } from "../of13/multipart/port-stats.ts";
import { portNo } from "../of13/ports.ts";
import { property } from "../onf/properties.ts";

/** Rates are in 1/10 of a percent; more than 1000: no such limit. @see OpenFlow 1.5.1, 7.3.5.20 (ofp_queue_desc_prop_type) */
const properties = listToEnd(
  property(
    variants({
      minRate: [1, { rate: u16, _: pad(2) }],
      maxRate: [2, { rate: u16, _: pad(2) }],
      experimenter: [0xffff, { experimenter: u32, experimenterType: u32, data: bytesToEnd }],
    }),
  ),
);

/** A queue as it is configured. @see OpenFlow 1.5.1, 7.3.5.20 (ofp_queue_desc) */
const queueDescription = struct({
  portNo,
  queueId: u32,
  properties: sized(u16, properties, { countsItself: true, countsBefore: 8, gap: 6 }),
});

export const queueDescriptionRequestFields = queueStatsRequestFields;
export const queueDescriptionReplyFields = { entries: listToEnd(queueDescription) };

export type QueueDescription = ValueOf<typeof queueDescription>;
