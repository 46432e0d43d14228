import { openEnumOf, pad, type StructValue, u8 } from "@loomstack/wire";
import { portDescription } from "../port-description.ts";

/** @see OpenFlow 1.3.5, 7.4.3 (ofp_port_reason) */
export const portStatusReasons = { add: 0, delete: 1, modify: 2 } as const;

/** A port has come, gone or changed. @see OpenFlow 1.3.5, 7.4.3 (ofp_port_status) */
export const portStatusFields = {
  reason: openEnumOf(u8, portStatusReasons),
  _: pad(7),
  port: portDescription,
};

export type PortStatus = { readonly kind: "portStatus" } & StructValue<typeof portStatusFields>;
