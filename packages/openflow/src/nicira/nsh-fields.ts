/** The network service header. @see RFC 8300; ovs-fields(7), "NSH" */
import { nshOnly } from "../of13/field-protocols.ts";
import { decimal8, hex32, lowBits } from "../of13/field-types.ts";
import { type Field, field, nsh } from "../of13/oxm-table.ts";

const maskable = true;
const readOnly = true;
const requires = nshOnly;

export const nshFields = {
  nshFlags: field(nsh("FLAGS", 1), decimal8, "nsh_flags", { maskable, requires }),
  nshTtl: field(nsh("TTL", 10), decimal8, "nsh_ttl", { requires }),
  nshMdtype: field(nsh("MDTYPE", 2), decimal8, "nsh_mdtype", { readOnly, requires }),
  nshNp: field(nsh("NP", 3), decimal8, "nsh_np", { readOnly, requires }),
  /** The service path. */
  nshSpi: field(nsh("SPI", 4), lowBits(4, 24, "hex"), "nsh_spi", { requires, aliases: ["nsp"] }),
  /** Where on the path the packet is. */
  nshSi: field(nsh("SI", 5), decimal8, "nsh_si", { requires, aliases: ["nsi"] }),
  nshC1: context(1),
  nshC2: context(2),
  nshC3: context(3),
  nshC4: context(4),
};

function context(number: number): Field<number> {
  return field(nsh(`C${number}`, number + 5), hex32, `nsh_c${number}`, {
    maskable,
    requires,
    aliases: [`nshc${number}`],
  });
}
