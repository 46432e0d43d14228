import type { LocalVlan, Uuid } from "@loomstack/core";
import type { Operation } from "@loomstack/ovsdb";
import { type DesiredBridge, desiredBridges } from "../compile/desired-bridges.ts";
import type { LocalNetworks } from "../compile/local-networks.ts";
import { assignLocalVlans, withRecorded } from "../compile/local-vlans.ts";
import { everythingPresent, type Held, vlansOf } from "../inventory/held.ts";
import { datapathTypeOf } from "../inventory/observed-bridges.ts";
import type { ObservedHypervisor } from "../inventory/observed-hypervisor.ts";
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
  /** What had been right, and somebody else had changed: the operations that put it back, in words. */
  readonly repaired: readonly string[];
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
    const desired = desiredBridges({
      datapathType: datapathTypeOf(tables, bridges),
      controller,
      vlans,
      encapsulations: local.encapsulations.union(encapsulations),
    });
    const operations = diffBridges(tables, desired);
    const fingerprint = fingerprintOf(desired);
    const repaired = fingerprint === this.#applied ? operations.flatMap(describe) : [];
    if (operations.length > 0) await this.#database.transact(operations);
    this.#applied = fingerprint;
    this.#vlans = vlans;
    return { sent: operations.length > 0, repaired, vlans, unassigned };
  }
}

function fingerprintOf(desired: readonly DesiredBridge[]): string {
  return JSON.stringify(desired, (_, value: unknown) =>
    value instanceof Map ? [...(value as ReadonlyMap<string, string>)].sort() : value,
  );
}

/** In words what an operation changes. */
function describe({ json: { op, table, row } }: Operation): string[] {
  if (op === "wait") return [];
  const columns = typeof row === "object" && row !== null ? ` (${Object.keys(row).join(", ")})` : "";
  const name = (part: unknown): string => (typeof part === "string" ? part : "");
  return [`bridges or ports in its database: ${name(op)} ${name(table)}${columns}`];
}
