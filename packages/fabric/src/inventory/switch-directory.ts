import type { Dpid, Logger } from "@loomstack/core";
import type { SwitchConnection } from "@loomstack/openflow";
import type { BridgeName } from "../pipeline/tables.ts";

/** Who a bridge belongs to. */
export interface SwitchOwner {
  readonly key: string;
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
    this.#waiting.delete(dpid);
    this.#makeRoom();
    this.#waiting.set(dpid, connection);
    void connection.closed.then(() => {
      if (this.#waiting.get(dpid) === connection) this.#waiting.delete(dpid);
    });
  }

  /**
   * `owner` has exactly these bridges. A datapath id that another owner has stays with that one: flows of one hypervisor
   * must not get to another's switch.
   *
   * @returns the key of an owner that has one of them already
   */
  claim(owner: SwitchOwner, dpids: ReadonlyMap<Dpid, BridgeName>): string | undefined {
    for (const [dpid, entry] of this.#owners) if (entry.owner === owner && !dpids.has(dpid)) this.#owners.delete(dpid);
    let rival: string | undefined;
    for (const [dpid, bridge] of dpids) {
      const other = this.#owners.get(dpid)?.owner;
      if (other !== undefined && other !== owner) {
        rival = other.key;
        continue;
      }
      this.#owners.set(dpid, { owner, bridge });
      const connection = this.#waiting.get(dpid);
      if (connection === undefined) continue;
      this.#waiting.delete(dpid);
      owner.adopt(bridge, connection);
    }
    return rival;
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
    if (this.#waiting.size < waitingLimit || oldest === undefined) return;
    this.#logger.warn(
      { dpid: oldest.dpid.toString(16), remoteAddress: oldest.remoteAddress },
      "a switch that no hypervisor owns is sent away",
    );
    this.#waiting.delete(oldest.dpid);
    oldest.close("no hypervisor owns this switch");
  }
}
