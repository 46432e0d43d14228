/** Which options of Geneve a switch's fields `tun_metadata<n>` stand for. @see ovs-fields(7), "Tunnel options" */
import { listToEnd, openEnumOf, pad, struct, type StructValue, u16, u32, u8, type ValueOf } from "@loomstack/wire";

/** NXTTMC_* */
const commands = { add: 0, delete: 1, clear: 2 } as const;

const mapping = struct({
  optionClass: u16,
  optionType: u8,
  /** Bytes of the option's value: a multiple of 4, up to 124. */
  optionLength: u8,
  /** The number in `tun_metadata<n>`. */
  index: u16,
  _: pad(2),
});

export const tlvTableModFields = { command: openEnumOf(u16, commands), _: pad(6), mappings: listToEnd(mapping) };

export const tlvTableReplyFields = {
  /** The most bytes that the options of all mappings may have together. */
  maxOptionSpace: u32,
  maxFields: u16,
  _: pad(10),
  mappings: listToEnd(mapping),
};

export type TlvMapping = ValueOf<typeof mapping>;
export type TlvTable = StructValue<typeof tlvTableReplyFields>;
