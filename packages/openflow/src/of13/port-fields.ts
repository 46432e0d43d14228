/** Where a packet comes from, and where its action set would send it. */
import { port, shortPort } from "./field-types.ts";
import { field, of, ofb, onfEt, oxm } from "./oxm-table.ts";

export const portFields = {
  inPort: oxm("IN_PORT", 0, port, ["in_port", "in_port_oxm"]),
  /** inPort in 16 bits, which is how move, load and learn mostly have it. */
  nxmInPort: field(of("IN_PORT", 0), shortPort, "in_port", { parts: [{ field: "inPort", start: 0, bits: 16 }] }),
  inPhyPort: oxm("IN_PHY_PORT", 1, port, "in_phy_port"),
  /** The port of the action set's output, or Port.unset where there is none. */
  actsetOutput: field(onfEt("ACTSET_OUTPUT", 43), port, "actset_output", {
    readOnly: true,
    others: [ofb("ACTSET_OUTPUT", 43)],
  }),
};
