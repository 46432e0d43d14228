import { fixedText, listToEnd, pad, struct, type StructValue, u32, u64, u8, type ValueOf } from "@loomstack/wire";
import { portDescription } from "../port-description.ts";

/** Who made the switch. @see OpenFlow 1.3.5, 7.3.5.1 (ofp_desc) */
export const switchDescriptionFields = {
  manufacturer: fixedText(256),
  hardware: fixedText(256),
  software: fixedText(256),
  serialNumber: fixedText(32),
  datapath: fixedText(256),
};

/** @see OpenFlow 1.3.5, 7.3.5.4 (ofp_table_stats) */
export const tableStats = struct({ tableId: u8, _: pad(3), activeCount: u32, lookupCount: u64, matchedCount: u64 });

export const tableStatsReplyFields = { entries: listToEnd(tableStats) };

/** @see OpenFlow 1.3.5, 7.3.5.7 (OFPMP_PORT_DESCRIPTION) */
export const portDescriptionReplyFields = { entries: listToEnd(portDescription) };

export type SwitchDescription = StructValue<typeof switchDescriptionFields>;
export type TableStats = ValueOf<typeof tableStats>;
