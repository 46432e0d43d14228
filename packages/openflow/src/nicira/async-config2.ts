/**
 * What a connection is told unasked, one property for each kind of message. Unlike OpenFlow 1.3's own message it leaves
 * what isn't named as it is.
 *
 * @see OpenFlow 1.4.0, 7.3.10 (ofp_async_config_prop_type)
 */
import { bits, listToEnd, u32, variants } from "@loomstack/wire";
import { flowRemovedReasons } from "../of13/messages/flow-removed.ts";
import { packetInReasons } from "../of13/messages/packet-in.ts";
import { portStatusReasons } from "../of13/messages/port-status.ts";
import { requestForwardReasons, roleStatusReasons } from "../onf/controller-status.ts";
import { property } from "../onf/properties.ts";

const packetIn = { mask: bits(u32, packetInReasons) };
const portStatus = { mask: bits(u32, portStatusReasons) };
const flowRemoved = { mask: bits(u32, flowRemovedReasons) };
const roleStatus = { mask: bits(u32, roleStatusReasons) };
const tableStatus = { mask: bits(u32, { vacancyDown: 3, vacancyUp: 4 }) };
const requestForward = { mask: bits(u32, requestForwardReasons) };

const masks = variants({
  packetInSecondary: [0, packetIn],
  packetInPrimary: [1, packetIn],
  portStatusSecondary: [2, portStatus],
  portStatusPrimary: [3, portStatus],
  flowRemovedSecondary: [4, flowRemoved],
  flowRemovedPrimary: [5, flowRemoved],
  roleStatusSecondary: [6, roleStatus],
  roleStatusPrimary: [7, roleStatus],
  tableStatusSecondary: [8, tableStatus],
  tableStatusPrimary: [9, tableStatus],
  requestForwardSecondary: [10, requestForward],
  requestForwardPrimary: [11, requestForward],
});

export const asyncConfig2Fields = { properties: listToEnd(property(masks)) };
