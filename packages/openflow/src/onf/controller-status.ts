/** What other controllers of a switch did. @see ONF extensions 191 and 235 for OpenFlow 1.3.X; OpenFlow 1.4.0, 7.4 */
import { bytesToEnd, enumOf, listToEnd, openEnumOf, pad, type StructValue, u32, u64, u8 } from "@loomstack/wire";
import { controllerRoles } from "../of13/messages/role.ts";
import { experimenterProperty } from "./properties.ts";

/** @see OpenFlow 1.4.0, 7.4.4 (ofp_controller_role_reason) */
export const roleStatusReasons = { primaryRequest: 0, config: 1, experimenter: 2 } as const;
/** @see OpenFlow 1.4.0, 7.4.6 (ofp_requestforward_reason) */
export const requestForwardReasons = { groupMod: 0, meterMod: 1 } as const;

/** This controller has another role, because somebody else asked for one. (ofp_role_status) */
export const roleStatusFields = {
  role: enumOf(u32, controllerRoles),
  reason: openEnumOf(u8, roleStatusReasons),
  _: pad(3),
  generationId: u64,
  properties: listToEnd(experimenterProperty),
};

/** A change of a group or meter that another controller made: the whole message, header and all. (ofp_requestforward) */
export const requestForwardFields = { request: bytesToEnd };

export type RoleStatus = { readonly kind: "roleStatus" } & StructValue<typeof roleStatusFields>;
