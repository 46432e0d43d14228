/**
 * Which port of a network has a name, and which has an address. An index over intent, so that an answer costs the same
 * however many ports the network has.
 */
import type { Ip, Uuid } from "@loomstack/core";
import type { Change, Intent, Port } from "@loomstack/model";
import { hostNameOf } from "../port-name.ts";

/** The ports of one network. Neither a name nor an address is that of two of them. */
interface Known {
  readonly byName: Map<string, Uuid>;
  readonly byAddress: Map<Ip, Uuid>;
}

export class PortNames {
  readonly #intent: Intent;
  /** Of those networks alone that were asked about: most never are. */
  readonly #networks = new Map<Uuid, Known>();

  /** @param intent of which each step has to be told by `follow`, after it was made */
  constructor(intent: Intent) {
    this.#intent = intent;
  }

  /** @param hostName in lower case, without the domain */
  named(network: Uuid, hostName: string): Port | undefined {
    return this.#port(this.#knownOf(network).byName.get(hostName));
  }

  withAddress(network: Uuid, address: Ip): Port | undefined {
    return this.#port(this.#knownOf(network).byAddress.get(address));
  }

  follow(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.resource === "network" && change.after === undefined) this.#networks.delete(change.id);
      if (change.resource !== "port") continue;
      const { before, after } = change;
      const [left, joined] = [before, after].map((port) => port && this.#networks.get(port.networkId));
      if (before !== undefined && left !== undefined) remove(left, before);
      if (after !== undefined && joined !== undefined) add(joined, after);
    }
  }

  #port(id: Uuid | undefined): Port | undefined {
    return id === undefined ? undefined : this.#intent.ports.get(id);
  }

  #knownOf(network: Uuid): Known {
    const known = this.#networks.get(network);
    if (known !== undefined) return known;
    const made: Known = { byName: new Map(), byAddress: new Map() };
    for (const id of this.#intent.portsByNetwork.get(network) ?? []) {
      const port = this.#intent.ports.get(id);
      if (port !== undefined) add(made, port);
    }
    this.#networks.set(network, made);
    return made;
  }
}

function add({ byName, byAddress }: Known, port: Port): void {
  const name = hostNameOf(port);
  if (name !== undefined) byName.set(name, port.id);
  for (const { ipAddress } of port.fixedIps) byAddress.set(ipAddress, port.id);
}

/** What another port has got in the same step stays that one's. */
function remove({ byName, byAddress }: Known, port: Port): void {
  const name = hostNameOf(port);
  if (name !== undefined && byName.get(name) === port.id) byName.delete(name);
  for (const { ipAddress } of port.fixedIps) if (byAddress.get(ipAddress) === port.id) byAddress.delete(ipAddress);
}
