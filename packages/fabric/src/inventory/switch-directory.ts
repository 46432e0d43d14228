import type { Dpid, Logger } from "@loomstack/core";
import type { SwitchConnection } from "@loomstack/openflow";
import type { BridgeName } from "../pipeline/tables.ts";

/** Who a bridge belongs to. */
export interface SwitchOwner {
  adopt(bridge: BridgeName, connection: SwitchConnection): void;
}

/** Switches that connected before a hypervisor's database named them: no more than this many wait. */
const waitingLimit = 256;

/** Brings together the switches that connect by OpenFlow and the hypervisors that own them, by datapath id. */
export class SwitchDirectory implements Disposable {
  readonly #logger: Logger;
  readonly #owners = new Map<Dpid, { readonly owner: SwitchOwner; readonly bridge: BridgeName }>();
  readonly #waiting = new Map<Dpid, SwitchConnection>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  connected(connection: SwitchConnection): void {
    const { dpid } = connection;
    const owned = this.#owners.get(dpid);
    if (owned !== undefined) return owned.owner.adopt(owned.bridge, connection);
    this.#waiting.get(dpid)?.close("the switch connected anew");
    this.#waiting.set(dpid, connection);
    void connection.closed.then(() => {
      if (this.#waiting.get(dpid) === connection) this.#waiting.delete(dpid);
    });
    this.#makeRoom();
  }

  /** `owner` has exactly these bridges. */
  claim(owner: SwitchOwner, dpids: ReadonlyMap<Dpid, BridgeName>): void {
    for (const [dpid, entry] of this.#owners) if (entry.owner === owner && !dpids.has(dpid)) this.#owners.delete(dpid);
    for (const [dpid, bridge] of dpids) {
      this.#owners.set(dpid, { owner, bridge });
      const connection = this.#waiting.get(dpid);
      if (connection === undefined) continue;
      this.#waiting.delete(dpid);
      owner.adopt(bridge, connection);
    }
  }

  release(owner: SwitchOwner): void {
    this.claim(owner, new Map());
  }

  [Symbol.dispose](): void {
    for (const connection of this.#waiting.values()) connection.close("the controller stops");
    this.#waiting.clear();
  }

  #makeRoom(): void {
    const [oldest] = this.#waiting.values();
    if (this.#waiting.size <= waitingLimit || oldest === undefined) return;
    this.#logger.warn(
      { dpid: oldest.dpid.toString(16), remoteAddress: oldest.remoteAddress },
      "a switch that no hypervisor owns is sent away",
    );
    oldest.close("no hypervisor owns this switch");
  }
}
