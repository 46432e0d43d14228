import type { LocalVlan, Uuid } from "@loomstack/core";
import type { Drift } from "@loomstack/model";
import type { Operation } from "@loomstack/ovsdb";
import { desiredBridges } from "../compile/desired-bridges.ts";
import type { LocalNetworks } from "../compile/local-networks.ts";
import { assignLocalVlans, withRecorded } from "../compile/local-vlans.ts";
import { everythingPresent, type Held, vlansOf } from "../inventory/held.ts";
import { datapathTypeOf } from "../inventory/observed-bridges.ts";
import type { ObservedHypervisor } from "../inventory/observed-hypervisor.ts";
import { nearUplinkEnds, uplinkBridge } from "../inventory/uplinks.ts";
import { bridgeDrift } from "./bridge-drift.ts";
import { diffBridges } from "./diff-bridges.ts";
import { diffUplinks } from "./diff-uplinks.ts";

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
  /** The bridges that lead to the physical networks that are needed, by the names of these. */
  readonly uplinks: ReadonlyMap<string, string>;
  /** Why none leads to the others, in words. */
  readonly obstacles: ReadonlyMap<string, string>;
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
    { networks: local, controller, held: known }: BridgeInput,
  ): Promise<BridgeOutcome> {
    const held = known ?? everythingPresent(bridges);
    const recorded = withRecorded(this.#vlans, vlansOf(bridges));
    const { vlans, unassigned } = assignLocalVlans(recorded, local.present, held.networks);
    const datapathType = datapathTypeOf(tables, bridges, this.#datapathType);
    const { uplinks, obstacles } = uplinksOf({ tables, bridges, datapathType }, local.physicalNetworks);
    const isKept = (name: string): boolean => uplinks.has(name) || held.uplinks.has(name);
    const desired = desiredBridges({
      datapathType,
      controller,
      vlans,
      encapsulations: local.encapsulations.union(held.encapsulations),
      physicalNetworks: new Set([...uplinks.keys(), ...nearUplinkEnds(bridges).keys()].filter(isKept)),
    });
    const differences = [
      ...diffBridges(tables, desired),
      ...diffUplinks(tables, bridges, { uplinks, held: held.uplinks }),
    ];
    const operations = differences.flatMap((difference) => difference.operations);
    const fingerprint = fingerprintOf({ desired, uplinks });
    const isKnown = fingerprint === this.#applied;
    const repaired = isKnown ? differences.flatMap((one) => bridgeDrift(tables, one.bridge, one.operations)) : [];
    if (operations.length > 0) await this.#database.transact(operations);
    this.#applied = fingerprint;
    this.#vlans = vlans;
    this.#datapathType = datapathType;
    return { sent: operations.length > 0, repaired, vlans, unassigned, uplinks, obstacles };
  }
}

function uplinksOf(
  observed: Parameters<typeof uplinkBridge>[0],
  physicalNetworks: ReadonlySet<string>,
): Pick<BridgeOutcome, "uplinks" | "obstacles"> {
  const uplinks = new Map<string, string>();
  const obstacles = new Map<string, string>();
  for (const name of [...physicalNetworks].sort()) {
    const found = uplinkBridge(observed, name);
    if ("bridge" in found) uplinks.set(name, found.bridge);
    else obstacles.set(name, found.obstacle);
  }
  return { uplinks, obstacles };
}

function fingerprintOf(desired: object): string {
  return JSON.stringify(desired, (_, value: unknown) =>
    value instanceof Map ? [...(value as ReadonlyMap<string, string>)].sort() : value,
  );
}
