/** Tables, and what has become of them. @see OpenFlow 1.5.1, 7.3.4.1, 7.3.5.16, 7.3.5.18, 7.4.5 */
import {
  bits,
  bytesToEnd,
  listToEnd,
  openEnumOf,
  pad,
  sized,
  struct,
  u16,
  u32,
  u8,
  type ValueOf,
  variants,
  withDefault,
} from "@loomstack/wire";
import { tableModFields } from "../of13/messages/table-mod.ts";
import { tableFeaturesEnd } from "../of13/multipart/table-features.ts";
import { property } from "../onf/properties.ts";

/** @see OpenFlow 1.5.1, 7.3.4.1 (ofp_table_mod_prop_type) */
const properties = listToEnd(
  property(
    variants({
      /** What the switch goes by when it removes flows to have room for others. */
      eviction: [2, { flags: bits(u32, { other: 0, importance: 1, lifetime: 2 }) }],
      /** At how many percent of free room the switch tells; `vacancy` is what there is, in what it says of itself. */
      vacancy: [3, { vacancyDown: u8, vacancyUp: u8, vacancy: withDefault(u8, 0), _: pad(1) }],
      experimenter: [0xffff, { experimenter: u32, experimenterType: u32, data: bytesToEnd }],
    }),
  ),
);

export const tableModFields15 = { ...tableModFields, properties: withDefault(properties, []) };

/** How a table is configured (ofp_table_desc). */
export const tableDescription = sized(u16, struct({ tableId: u8, _: pad(1), config: u32, properties }), {
  countsItself: true,
});

export const tableDescriptionReplyFields = { entries: listToEnd(tableDescription) };

/** Of the vacancy events that were asked for with a table mod (ofp_table_reason). */
const tableStatusReasons = { vacancyDown: 3, vacancyUp: 4 } as const;

/** The room in a table has crossed one of the limits that it was given (ofp_table_status). */
export const tableStatusFields = { reason: openEnumOf(u8, tableStatusReasons), _: pad(7), table: tableDescription };

export type TableDescription = ValueOf<typeof tableDescription>;

/** What a table can do; a request with entries asks it to be like that. @see OpenFlow 1.5.1, 7.3.5.18 (ofp_table_features) */
const tableFeatures15 = sized(
  u16,
  struct({
    tableId: u8,
    /** What a request wants done with the tables that it has. */
    command: withDefault(openEnumOf(u8, { replace: 0, modify: 1, enable: 2, disable: 3 }), "replace"),
    features: withDefault(bits(u32, { ingressTable: 0, egressTable: 1, firstEgress: 4 }), {}),
    ...tableFeaturesEnd,
  }),
  { countsItself: true },
);

export const tableFeaturesRequestFields15 = { entries: withDefault(listToEnd(tableFeatures15), []) };
export const tableFeaturesReplyFields15 = { entries: listToEnd(tableFeatures15) };
