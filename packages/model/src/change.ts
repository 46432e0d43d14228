import type { BindingChange } from "./binding.ts";
import type { CloudChange } from "./cloud/changes.ts";
import type { LearntAddressesChange } from "./learnt-address.ts";
import type { NetworkChange } from "./network.ts";
import type { NodeChange } from "./node.ts";
import type { PortChange } from "./port.ts";
import type { SwitchChange } from "./registered-switch.ts";
import type { StaticFlowChange } from "./static-flow.ts";
import type { SubnetPoolChange } from "./subnet-pool.ts";
import type { SubnetChange } from "./subnet.ts";
import type { TunnelEndpointChange } from "./tunnel-endpoint.ts";

/** What happened to one object: created (only `after`), changed (both) or deleted (only `before`). */
export interface ChangeOf<Resource extends string, Value, Id extends string> {
  readonly resource: Resource;
  readonly id: Id;
  readonly before?: Value;
  readonly after?: Value;
}

export type Change =
  | NetworkChange
  | SubnetChange
  | SubnetPoolChange
  | PortChange
  | NodeChange
  | BindingChange
  | TunnelEndpointChange
  | LearntAddressesChange
  | SwitchChange
  | StaticFlowChange
  | CloudChange;
