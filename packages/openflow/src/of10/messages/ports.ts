import { openEnumOf, pad, u8 } from "@loomstack/wire";
import { mac } from "../../of13/field-types.ts";
import { portStatusReasons } from "../../of13/messages/port-status.ts";
import { portConfig } from "../../of13/port-description.ts";
import { shortPortNo } from "../../of13/ports.ts";
import { portDescription10, portFeatures10 } from "../port-description.ts";

/** A port has come, gone or changed. @see OpenFlow 1.0.0, 5.4.3 (ofp_port_status) */
export const portStatusFields10 = { reason: openEnumOf(u8, portStatusReasons), _: pad(7), port: portDescription10 };

/** Changes how a port behaves. @see OpenFlow 1.0.0, 5.3.3 (ofp_port_mod) */
export const portModFields10 = {
  portNo: shortPortNo,
  hwAddr: mac.codec,
  config: portConfig,
  mask: portConfig,
  advertise: portFeatures10,
  _: pad(4),
};
