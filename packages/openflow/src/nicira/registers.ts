/** Scratch values that a packet carries from table to table, within one bridge. @see ovs-fields(7), "Register Fields" */
import { hex128, hex32, hex64 } from "../of13/field-types.ts";
import { et, type Field, field, nx, nxm, OxmClass, type WireNumber } from "../of13/oxm-table.ts";
import { numbered } from "./numbered.ts";

const maskable = true;

export const registers = {
  ...numbered("reg", 0, 15, (number) => nxm(`REG${number}`, number, hex32, `reg${number}`, { maskable })),
  /** Since Open vSwitch 3.7. */
  ...numbered("reg", 16, 31, (number) => field(et(`REG${number}`, number + 1), hex32, `reg${number}`, { maskable })),
  /** Two registers each; those from 8 since Open vSwitch 3.7. */
  ...numbered("xreg", 0, 15, (number) => overlay(packetRegister(number), hex64, `xreg${number}`, 2 * number, 2)),
  /** Four registers each. */
  ...numbered("xxreg", 0, 3, (number) =>
    overlay(nx(`XXREG${number}`, number + 111), hex128, `xxreg${number}`, 4 * number, 4),
  ),
  /** Since Open vSwitch 3.7. */
  ...numbered("xxreg", 4, 7, (number) =>
    overlay(et(`XXREG${number}`, number + 29), hex128, `xxreg${number}`, 4 * number, 4),
  ),
};

/** A register of OpenFlow 1.5. */
function packetRegister(number: number): WireNumber {
  return { wireName: `OXM_OF_PKT_REG${number}`, oxmClass: OxmClass.packetRegisters, number };
}

/** Several registers seen as one, the first in its highest bits. */
function overlay(
  number: WireNumber,
  type: typeof hex64,
  name: string,
  firstRegister: number,
  count: number,
): Field<bigint> {
  const parts = Array.from({ length: count }, (_, index) => ({
    field: `reg${firstRegister + index}`,
    start: 32 * (count - 1 - index),
    bits: 32,
  }));
  return field(number, type, name, { maskable, parts });
}
