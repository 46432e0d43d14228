import type { Revision, Uuid } from "@loomstack/core";
import {
  applyCommit,
  type Change,
  type Commit,
  type Intent,
  isLearner,
  type NetworkChange,
  type Subnet,
} from "@loomstack/model";
import type { Placement } from "./placement.ts";

/** Objects of which something changed: nothing else has to be computed again. */
export interface Touched {
  readonly networks: Set<Uuid>;
  readonly ports: Set<Uuid>;
}

/** A step of intent, and what it concerns. */
export interface IntentStep {
  readonly revision: Revision;
  readonly changes: readonly Change[];
  readonly networks: ReadonlySet<Uuid>;
  /** Of each hypervisor concerned, by key, what of its own networks was touched. */
  readonly hypervisors: ReadonlyMap<string, Touched>;
}

/**
 * Brings `intent` and `placement` to the commit's revision. What it concerns is asked before and after: a port that
 * goes concerns those who knew it, one that comes those who will.
 *
 * @throws MODEL__REVISION_MISSED
 */
export function applyStep(intent: Intent, placement: Placement, commit: Commit): IntentStep {
  const concerned = new Concerned(intent, placement);
  concerned.add(commit.changes);
  applyCommit(intent, commit);
  for (const port of portsToPlace(intent, commit.changes)) placement.refresh(intent, port);
  concerned.add(commit.changes);
  const { networks, hypervisors } = concerned;
  return { revision: commit.revision, changes: commit.changes, networks, hypervisors };
}

/** Gathers what changes concern. */
class Concerned {
  readonly networks = new Set<Uuid>();
  readonly hypervisors = new Map<string, Touched>();
  readonly #intent: Intent;
  readonly #placement: Placement;

  constructor(intent: Intent, placement: Placement) {
    this.#intent = intent;
    this.#placement = placement;
  }

  /** Adds what `changes` concern as intent stands. */
  add(changes: readonly Change[]): void {
    for (const change of changes) this.#addChange(change);
  }

  #addChange(change: Change): void {
    switch (change.resource) {
      case "network":
        return this.#touchNetwork(change);
      case "port":
        for (const port of [change.before, change.after]) if (port !== undefined) this.#touch(port.networkId, port.id);
        return undefined;
      case "subnet":
        for (const subnet of [change.before, change.after]) if (subnet !== undefined) this.#touchSubnet(subnet);
        return undefined;
      case "binding":
      case "learntAddresses":
        return this.#touchPort(change.id);
      case "tunnelEndpoint":
        for (const network of this.#placement.networksAt(change.id))
          for (const port of this.#placement.portsAt(change.id, network)) this.#touch(network, port);
        return undefined;
      default:
        return undefined;
    }
  }

  /** Whether a network learns is said in the flows of the ports that it learns of. */
  #touchNetwork({ id, before, after }: NetworkChange): void {
    this.#touch(id);
    if (before?.learnsAddresses === after?.learnsAddresses) return;
    for (const each of this.#intent.portsByNetwork.get(id) ?? []) {
      const port = this.#intent.ports.get(each);
      if (port !== undefined && isLearner(port)) this.#touch(id, each);
    }
  }

  /** What is said of a subnet is said of the ports that have addresses of it. */
  #touchSubnet({ id, networkId }: Subnet): void {
    this.#touch(networkId);
    for (const port of this.#intent.portsByNetwork.get(networkId) ?? [])
      if (this.#intent.ports.get(port)?.fixedIps.some(({ subnetId }) => subnetId === id)) this.#touch(networkId, port);
  }

  #touchPort(port: Uuid): void {
    const network = this.#intent.ports.get(port)?.networkId;
    if (network !== undefined) this.#touch(network, port);
  }

  #touch(network: Uuid, port?: Uuid): void {
    this.networks.add(network);
    for (const key of this.#placement.homes(network)) {
      const touched = this.hypervisors.get(key) ?? { networks: new Set(), ports: new Set() };
      this.hypervisors.set(key, touched);
      touched.networks.add(network);
      if (port !== undefined) touched.ports.add(port);
    }
  }
}

/** The ports whose place may be another after `changes`. */
function portsToPlace(intent: Intent, changes: readonly Change[]): Set<Uuid> {
  return new Set(
    changes.flatMap((change) => {
      if (change.resource === "port" || change.resource === "binding") return [change.id];
      const isSwitched = change.resource === "network" && change.before?.adminStateUp !== change.after?.adminStateUp;
      return isSwitched ? [...(intent.portsByNetwork.get(change.id) ?? [])] : [];
    }),
  );
}
