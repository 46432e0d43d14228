import { LoomstackError } from "@loomstack/core";
import type { Operation } from "../notation/operation.ts";
import type { MakeOptions } from "./interface.ts";
import { findNamed, type Observed } from "./observed.ts";
import { ensurePort, type ObservedPorts, portNeeds, type PortSettings, removePort } from "./port.ts";

/** One end of a patch pair: the port and its interface have the same name. */
export interface PatchEnd extends Omit<PortSettings, "interfaces"> {
  readonly bridge: string;
}

/** What removing a patch pair needs. */
export const patchNeeds = { ...portNeeds, Interface: ["name", "type", "options"] } as const;

/**
 * A patch port: what goes into one of two comes out of the other (ovs-vswitchd.conf.db(5), Interface options:peer).
 *
 * @param peer the name of the other one
 */
export function patchPort(port: Omit<PortSettings, "interfaces">, peer: string): PortSettings {
  return { ...port, interfaces: [{ name: port.name, type: "patch", options: new Map([["peer", peer]]) }] };
}

/**
 * What joins two bridges, which have to be there, by a pair of patch ports.
 *
 * @throws as ensurePort
 * @example ensurePatchPair(tables, { bridge: "br-int", name: "patch-tun" }, { bridge: "br-tun", name: "patch-int" })
 */
export function ensurePatchPair(
  observed: ObservedPorts,
  one: PatchEnd,
  other: PatchEnd,
  options: MakeOptions = {},
): Operation[] {
  const end = ({ bridge, ...port }: PatchEnd, peer: PatchEnd): Operation[] =>
    ensurePort(observed, bridge, patchPort(port, peer.name), options);
  return [...end(one, other), ...end(other, one)];
}

/**
 * What removes the two ports of a patch pair, by their names; an end that isn't there is passed over.
 *
 * @throws OVSDB__RECORD_DIFFERS when a port of such a name isn't a patch port to the other
 */
export function removePatchPair(observed: Observed<typeof patchNeeds>, one: string, other: string): Operation[] {
  const end = (name: string, peer: string): Operation[] => {
    const found = findNamed(observed.Interface, name)?.row;
    if (found !== undefined && (found.type !== "patch" || found.options.get("peer") !== peer)) {
      const difference = `it isn't a patch port to ${peer}`;
      throw new LoomstackError("OVSDB__RECORD_DIFFERS", { record: `port ${name}`, difference });
    }
    return removePort(observed, name);
  };
  return [...end(one, other), ...end(other, one)];
}
