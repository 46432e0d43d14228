import type { Dpid, Logger } from "@loomstack/core";
import type { SwitchConnection } from "@loomstack/openflow";
import type { BridgeName } from "../pipeline/tables.ts";
import { dpidText } from "../switches/datapath-id.ts";

/** Who a bridge belongs to. */
export interface SwitchOwner {
  readonly key: string;
  adopt(bridge: BridgeName, connection: SwitchConnection): void;
}

/** Who takes the switches that an administrator has added, unless they belong to a hypervisor. */
export interface PlainSwitchKeeper {
  keeps(dpid: Dpid): boolean;
  adopt(connection: SwitchConnection): void;
  /** A switch that nobody has named has connected. */
  discovered(connection: SwitchConnection): void;
  /** Gives its connection away, still open: the switch turned out to be a hypervisor's. */
  yield(dpid: Dpid): SwitchConnection | undefined;
}

/** A bridge of a hypervisor, and its connection if there is one. */
export interface OwnedSwitch {
  readonly key: string;
  readonly connection: SwitchConnection | undefined;
}

interface Ownership {
  readonly owner: SwitchOwner;
  readonly bridge: BridgeName;
  /** Those that are open, the first one first: its owner keeps that one as long as it answers. */
  readonly connections: Set<SwitchConnection>;
}

/** Switches that nobody has named, a hypervisor's database or an administrator: no more than this many wait. */
const waitingLimit = 256;

/**
 * Brings together the switches that connect by OpenFlow and those who they belong to, by datapath id: the hypervisor
 * whose database names it, or else whoever keeps the plain switches that an administrator has added. Others wait, and
 * get nothing.
 */
export class SwitchDirectory implements Disposable {
  readonly #logger: Logger;
  readonly #owners = new Map<Dpid, Ownership>();
  readonly #waiting = new Map<Dpid, SwitchConnection>();
  #keeper: PlainSwitchKeeper | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** From now on `keeper` takes the plain switches. */
  givePlainTo(keeper: PlainSwitchKeeper): void {
    this.#keeper = keeper;
  }

  connected(connection: SwitchConnection): void {
    const { dpid } = connection;
    const owned = this.#owners.get(dpid);
    if (owned !== undefined) return handOver(owned, connection);
    if (this.#keeper?.keeps(dpid) === true) return this.#keeper.adopt(connection);
    this.#waiting.get(dpid)?.close("the switch connected anew");
    this.#waiting.delete(dpid);
    this.#makeRoom();
    this.#waiting.set(dpid, connection);
    void connection.closed.then(() => {
      if (this.#waiting.get(dpid) === connection) this.#waiting.delete(dpid);
    });
    this.#keeper?.discovered(connection);
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
      const before = this.#owners.get(dpid);
      if (before !== undefined && before.owner !== owner) {
        rival = before.owner.key;
        continue;
      }
      const fresh: Ownership = { owner, bridge, connections: new Set() };
      const ownership = before?.bridge === bridge ? before : fresh;
      this.#owners.set(dpid, ownership);
      const connection = this.take(dpid) ?? this.#keeper?.yield(dpid);
      if (connection !== undefined) handOver(ownership, connection);
    }
    return rival;
  }

  release(owner: SwitchOwner): void {
    this.claim(owner, new Map());
  }

  /** Takes a switch out of those that wait. */
  take(dpid: Dpid): SwitchConnection | undefined {
    const connection = this.#waiting.get(dpid);
    this.#waiting.delete(dpid);
    return connection;
  }

  /** The switches that nobody has named. */
  get waiting(): ReadonlyMap<Dpid, SwitchConnection> {
    return this.#waiting;
  }

  /** The hypervisor that the switch belongs to. */
  ownerOf(dpid: Dpid): OwnedSwitch | undefined {
    const ownership = this.#owners.get(dpid);
    if (ownership === undefined) return undefined;
    const [connection] = ownership.connections;
    return { key: ownership.owner.key, connection };
  }

  /** The switches that belong to hypervisors. */
  get owned(): readonly Dpid[] {
    return [...this.#owners.keys()];
  }

  [Symbol.dispose](): void {
    for (const connection of this.#waiting.values()) connection.close("the controller stops");
    this.#waiting.clear();
  }

  #makeRoom(): void {
    const [oldest] = this.#waiting.values();
    if (this.#waiting.size < waitingLimit || oldest === undefined) return;
    this.#logger.warn(
      { switch: dpidText(oldest.dpid), remote: oldest.remoteAddress },
      "a switch that nobody has added is sent away",
    );
    this.#waiting.delete(oldest.dpid);
    oldest.close("nobody has added this switch, and too many others wait");
  }
}

function handOver({ owner, bridge, connections }: Ownership, connection: SwitchConnection): void {
  connections.add(connection);
  owner.adopt(bridge, connection);
  void connection.closed.then(() => connections.delete(connection));
}
