import type { LocalVlan, Uuid } from "@loomstack/core";
import type { Drift } from "@loomstack/model";
import type { Operation } from "@loomstack/ovsdb";
import { type DesiredBridge, desiredBridges } from "../compile/desired-bridges.ts";
import type { LocalNetworks } from "../compile/local-networks.ts";
import { assignLocalVlans, withRecorded } from "../compile/local-vlans.ts";
import { everythingPresent, type Held, vlansOf } from "../inventory/held.ts";
import { datapathTypeOf } from "../inventory/observed-bridges.ts";
import type { ObservedHypervisor } from "../inventory/observed-hypervisor.ts";
import { bridgeDrift } from "./bridge-drift.ts";
import { diffBridges } from "./diff-bridges.ts";

/** What bridges are computed from. */
export interface BridgeInput {
  readonly networks: LocalNetworks;
  /** Where its bridges connect to. */
  readonly controller: string;
  /** What flows in place may refer to; undefined while nobody knows: then all that is there stays. */
  readonly held: Held | undefined;
}

/** What one application of bridges did. */
export interface BridgeOutcome {
  readonly sent: boolean;
  /** What had been right, and somebody else had changed. */
  readonly repaired: readonly Drift[];
  /** The local VLANs that br-int records now. */
  readonly vlans: ReadonlyMap<Uuid, LocalVlan>;
  /** Networks for which no local VLAN was left. */
  readonly unassigned: readonly Uuid[];
}

/** Sends one transaction; when it resolves, the tables have its effects. */
export interface Database {
  transact(operations: readonly Operation[]): Promise<void>;
}

/** The bridges and ports of one hypervisor's database, and the one way to change them. */
export class BridgeTarget {
  readonly #database: Database;
  /** What the last application left behind. */
  #applied = "";
  /** The local VLANs that we last recorded; undefined until we did. What others make of the record is put right. */
  #vlans: ReadonlyMap<Uuid, LocalVlan> | undefined;
  #datapathType: string | undefined;
  /** What the last application was computed from, where it had nothing to send: the same has nothing to send again. */
  #settled: { readonly by: readonly unknown[]; readonly outcome: BridgeOutcome } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes the database hold what it should, in one transaction; sends nothing when it does already. @throws OVSDB__… */
  async apply(observed: ObservedHypervisor, input: BridgeInput): Promise<BridgeOutcome> {
    const { networks, controller, held } = input;
    const settledBy = [observed, networks.version, controller, held] as const;
    if (this.#settled?.by.every((value, index) => value === settledBy[index])) return this.#settled.outcome;
    const outcome = await this.#compare(observed, input);
    this.#settled = outcome.sent ? undefined : { by: settledBy, outcome: { ...outcome, repaired: [] } };
    return outcome;
  }

  async #compare(
    { tables, bridges }: ObservedHypervisor,
    { networks: local, controller, held }: BridgeInput,
  ): Promise<BridgeOutcome> {
    const { networks, encapsulations } = held ?? everythingPresent(bridges);
    const known = withRecorded(this.#vlans, vlansOf(bridges));
    const { vlans, unassigned } = assignLocalVlans(known, local.present, networks);
    const datapathType = datapathTypeOf(tables, bridges, this.#datapathType);
    const desired = desiredBridges({
      datapathType,
      controller,
      vlans,
      encapsulations: local.encapsulations.union(encapsulations),
    });
    const differences = diffBridges(tables, desired);
    const operations = differences.flatMap((difference) => difference.operations);
    const fingerprint = fingerprintOf(desired);
    const isKnown = fingerprint === this.#applied;
    const repaired = isKnown ? differences.flatMap((one) => bridgeDrift(tables, one.bridge, one.operations)) : [];
    if (operations.length > 0) await this.#database.transact(operations);
    this.#applied = fingerprint;
    this.#vlans = vlans;
    this.#datapathType = datapathType;
    return { sent: operations.length > 0, repaired, vlans, unassigned };
  }
}

function fingerprintOf(desired: readonly DesiredBridge[]): string {
  return JSON.stringify(desired, (_, value: unknown) =>
    value instanceof Map ? [...(value as ReadonlyMap<string, string>)].sort() : value,
  );
}
