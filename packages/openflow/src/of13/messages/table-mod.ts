import { pad, type StructInput, u32, u8 } from "@loomstack/wire";

/**
 * Configures a table. OpenFlow 1.3 defines no bit of `config`: the two lowest are kept for versions before it, where
 * they said what becomes of packets that no flow matches. @see OpenFlow 1.3.5, 7.3.3 (ofp_table_mod)
 */
export const tableModFields = {
  /** `allTables` for all. */
  tableId: u8,
  _: pad(3),
  config: u32,
};

export type TableMod = { readonly kind: "tableMod" } & StructInput<typeof tableModFields>;
