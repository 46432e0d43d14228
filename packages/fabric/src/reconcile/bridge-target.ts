import type { DesiredBridge } from "../compile/desired-bridges.ts";
import type { HypervisorTables } from "../inventory/monitored.ts";
import type { OvsdbLink } from "../inventory/ovsdb-link.ts";
import { diffBridges } from "./diff-bridges.ts";

/** What one application of bridges did. */
export interface BridgeOutcome {
  readonly sent: boolean;
  /** Whether they had been right, and somebody else had changed them. */
  readonly repaired: boolean;
}

/** The bridges and ports of one hypervisor's database, and the one way to change them. */
export class BridgeTarget {
  readonly #link: OvsdbLink;
  /** What the last application left behind. */
  #applied = "";

  constructor(link: OvsdbLink) {
    this.#link = link;
  }

  /** Makes the database hold `desired`, in one transaction; sends nothing when it does already. @throws OVSDB__… */
  async apply(tables: HypervisorTables, desired: readonly DesiredBridge[]): Promise<BridgeOutcome> {
    const operations = diffBridges(tables, desired);
    const fingerprint = JSON.stringify(desired, (_, value: unknown) =>
      value instanceof Map ? [...(value as ReadonlyMap<string, string>)] : value,
    );
    const repaired = operations.length > 0 && fingerprint === this.#applied;
    if (operations.length > 0) await this.#link.transact(operations);
    this.#applied = fingerprint;
    return { sent: operations.length > 0, repaired };
  }
}
