import type { OfPort } from "@loomstack/core";
import { Port } from "@loomstack/openflow";

const reserved = new Map<OfPort, string>([
  [Port.inPort, "IN_PORT"],
  [Port.controller, "CONTROLLER"],
  [Port.local, "LOCAL"],
  [Port.any, "ANY"],
]);

/** A port's number as ovs-ofctl writes it. */
export function portText(port: OfPort): string {
  return reserved.get(port) ?? port.toString();
}
