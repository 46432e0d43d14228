import {
  bytesToEnd,
  type Codec,
  fixedText,
  listToEnd,
  pad,
  sized,
  struct,
  tlv,
  u16,
  u32,
  u64,
  u8,
  type ValueOf,
  variants,
  withDefault,
} from "@loomstack/wire";
import { OxmClass } from "../oxm-table.ts";

/**
 * The type of an action or instruction that a table can have; an experimenter's says the rest in `data`.
 *
 * @see OpenFlow 1.3.5, 7.3.5.5.2 (ofp_instruction_id, ofp_action_id)
 */
const typeId = struct({ type: u16, data: sized(u16, bytesToEnd, { countsItself: true, countsBefore: 2 }) });

/** The header of a match field's TLV, without a value. @see OpenFlow 1.3.5, 7.2.3.2 */
export interface FieldId {
  readonly oxmClass: number;
  readonly number: number;
  readonly hasMask: boolean;
  /** Bytes of the value, and of the mask where there is one. */
  readonly length: number;
  /** Where the class is that of experimenters. */
  readonly experimenter?: number | undefined;
}

const fieldId: Codec<FieldId> = {
  read(reader) {
    const [oxmClass, numberAndMask, length] = [reader.u16(), reader.u8(), reader.u8()];
    const id = { oxmClass, number: numberAndMask >> 1, hasMask: numberAndMask % 2 === 1, length };
    return oxmClass === OxmClass.experimenter ? { ...id, experimenter: reader.u32() } : id;
  },
  write(writer, { oxmClass, number, hasMask, length, experimenter }) {
    u16.write(writer, oxmClass);
    u8.write(writer, number * 2 + (hasMask ? 1 : 0));
    u8.write(writer, length);
    if (oxmClass === OxmClass.experimenter) u32.write(writer, experimenter ?? 0);
  },
};

const types = { types: listToEnd(typeId) };
const tables = { tables: listToEnd(u8) };
const fields = { fields: listToEnd(fieldId) };
const experimenter = { experimenter: u32, experimenterType: u32, data: bytesToEnd };

/** What a table can do; `…Miss`: for the flow with priority 0 that matches everything. */
const properties = variants({
  instructions: [0, types],
  instructionsMiss: [1, types],
  nextTables: [2, tables],
  nextTablesMiss: [3, tables],
  writeActions: [4, types],
  writeActionsMiss: [5, types],
  applyActions: [6, types],
  applyActionsMiss: [7, types],
  match: [8, fields],
  /** Fields that a flow may leave out. */
  wildcards: [10, fields],
  writeSetField: [12, fields],
  writeSetFieldMiss: [13, fields],
  applySetField: [14, fields],
  applySetFieldMiss: [15, fields],
  experimenter: [0xfffe, experimenter],
  experimenterMiss: [0xffff, experimenter],
});

/** All but what a table's features begin with. */
export const tableFeaturesEnd = {
  name: fixedText(32),
  metadataMatch: u64,
  metadataWrite: u64,
  config: u32,
  maxEntries: u32,
  properties: listToEnd(tlv({ type: u16, length: u16, alignTo: 8, lengthCountsPadding: false }, properties)),
};

/** @see OpenFlow 1.3.5, 7.3.5.5 (ofp_table_features) */
export const tableFeatures = sized(u16, struct({ tableId: u8, _: pad(5), ...tableFeaturesEnd }), {
  countsItself: true,
});

/** A request with entries asks the switch to become like that; one without asks what it is. */
export const tableFeaturesRequestFields = { entries: withDefault(listToEnd(tableFeatures), []) };
export const tableFeaturesReplyFields = { entries: listToEnd(tableFeatures) };

export type TableFeatures = ValueOf<typeof tableFeatures>;
export type TableProperty = TableFeatures["properties"][number];
