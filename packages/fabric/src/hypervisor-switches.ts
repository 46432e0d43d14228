import { type Clock, type Logger, messageOf, type Uuid } from "@loomstack/core";
import type { Drift } from "@loomstack/model";
import type { PacketIn, SwitchConnection } from "@loomstack/openflow";
import { otherCertificate } from "./connecting/hypervisor-database.ts";
import type { TellEvent } from "./event-throttle.ts";
import type { BridgeName } from "./pipeline/tables.ts";
import { FlowTarget } from "./reconcile/flow-target.ts";
import { keepPortsOpen } from "./reconcile/open-ports.ts";
import type { ReadFlows } from "./reconcile/read-flows.ts";
import type { Turns } from "./reconcile/turns.ts";
import { BridgeMetering } from "./services/bridge-metering.ts";
import { PuntSum } from "./switches/punt-sum.ts";
import { ConnectionContest } from "./switches/connection-contest.ts";

export interface HypervisorSwitchesListener {
  /** The flows of `bridge` were observed: others can be sent. */
  observed(bridge: BridgeName): void;
  /** Somebody else changed flows of ours. */
  changed(): void;
  /** What `bridge` holds can't be seen any more, or not yet, for this reason. */
  lost(bridge: BridgeName, reason: string): void;
  /** Another switch, from this address, says that it is `bridge`, which is connected and answers: it is sent away. */
  rival(bridge: BridgeName, address: string): void;
  /** A switch that says it is `bridge` has shown the certificate of somebody else, and is sent away. */
  impostor(bridge: BridgeName, reason: string): void;
  readonly event: TellEvent;
  /** Something of ours that others had changed was put back. */
  repaired(drift: Drift): void;
  packetIn(bridge: BridgeName, packet: PacketIn): void;
}

export interface HypervisorSwitchesOptions {
  /** The generation id of this controller's role requests. */
  readonly epoch: bigint;
  readonly clock: Clock;
  /** The subject of the certificate that the hypervisor has; undefined in the clear. */
  readonly certificate: () => string | undefined;
  /** For what takes much memory while it lasts. */
  readonly turns: Turns;
  /** Shared with other hypervisors, which hold mostly the same flows. */
  readonly readFlows: ReadFlows;
  readonly logger: Logger;
  readonly listener: HypervisorSwitchesListener;
}

interface Place {
  readonly connection: SwitchConnection;
  /** The row of the bridge that it was adopted for. */
  readonly row: Uuid | undefined;
  target: FlowTarget | undefined;
}

/**
 * The switches behind one hypervisor's bridges. Of each bridge one connection counts: the one that was there first, as
 * long as the switch at its other end answers. Whoever claims to be a bridge that is there gets none of its flows.
 */
export class HypervisorSwitches implements Disposable {
  readonly #options: HypervisorSwitchesOptions;
  readonly #places = new Map<BridgeName, Place>();
  readonly #contests = new Map<BridgeName, ConnectionContest>();
  /** Where the rivals were from that were told of last. */
  readonly #rivals = new Map<BridgeName, string>();
  #rows: ReadonlyMap<BridgeName, Uuid> = new Map();
  /** Of connections that are over. */
  readonly #puntsBefore = new PuntSum();
  #disposed = false;

  constructor(options: HypervisorSwitchesOptions) {
    this.#options = options;
  }

  /** Sets which rows the bridges are. One that was made anew is another switch, even under the same datapath id. */
  setRows(rows: ReadonlyMap<BridgeName, Uuid>): void {
    this.#rows = rows;
    for (const [bridge, place] of this.#places)
      if (place.row !== rows.get(bridge)) this.#leave(bridge, place, "the bridge was made anew");
  }

  /** Takes a connection that says it is the bridge. */
  adopt(bridge: BridgeName, connection: SwitchConnection): void {
    const incumbent = this.#places.get(bridge);
    if (this.#disposed) return connection.close("the hypervisor is no longer managed");
    const reason = wrongSubject(this.#options.certificate(), connection);
    if (reason !== undefined) return this.#sendAway(bridge, connection, reason);
    if (incumbent === undefined) return this.#start(bridge, connection);
    this.#contest(bridge).enter(incumbent.connection, connection, (winner) => {
      if (winner === "incumbent") return this.#tellOfRival(bridge, connection);
      const now = this.#places.get(bridge);
      if (now !== undefined) this.#leave(bridge, now, "the bridge didn't answer, and connected anew");
      this.#start(bridge, connection);
    });
  }

  /** Ends the connections of whoever shows a certificate of another subject. */
  requireCertificate(subject: string): void {
    for (const [bridge, place] of [...this.#places]) {
      const shown = place.connection.peerSubject;
      if (shown !== undefined && shown !== subject) this.#leave(bridge, place, otherCertificate(shown, subject));
    }
  }

  /** The flows of a bridge, once they are observed. */
  target(bridge: BridgeName): FlowTarget | undefined {
    return this.#places.get(bridge)?.target;
  }

  /** The packets that these switches have sent to the controller, and those of them that found the queue full. */
  get punts(): { readonly packetsPunted: number; readonly puntsDropped: number } {
    const sum = new PuntSum(this.#puntsBefore);
    for (const { target } of this.#places.values()) if (target !== undefined) sum.add(target.connection.punted);
    return { packetsPunted: sum.received, puntsDropped: sum.dropped };
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    const places = [...this.#places.values()];
    this.#places.clear();
    for (const contest of this.#contests.values()) contest.dismiss("the hypervisor is no longer managed");
    for (const { connection } of places) connection.close("the hypervisor is no longer managed");
  }

  #sendAway(bridge: BridgeName, connection: SwitchConnection, reason: string): void {
    connection.close(reason);
    if (this.#tellsOf(bridge, connection)) this.#options.listener.impostor(bridge, reason);
    if (!this.#places.has(bridge)) this.#options.listener.lost(bridge, reason);
  }

  #start(bridge: BridgeName, connection: SwitchConnection): void {
    const place: Place = { connection, row: this.#rows.get(bridge), target: undefined };
    this.#places.set(bridge, place);
    connection.watchClosely();
    void this.#attend(bridge, place);
  }

  #contest(bridge: BridgeName): ConnectionContest {
    const known = this.#contests.get(bridge);
    if (known !== undefined) return known;
    const fresh = new ConnectionContest(this.#options.clock);
    this.#contests.set(bridge, fresh);
    return fresh;
  }

  #tellOfRival(bridge: BridgeName, connection: SwitchConnection): void {
    if (this.#tellsOf(bridge, connection)) this.#options.listener.rival(bridge, connection.remoteAddress);
  }

  /** Once for each host that tries, which may do so each second. */
  #tellsOf(bridge: BridgeName, { remoteAddress }: SwitchConnection): boolean {
    const host = remoteAddress.replace(/:\d+$/, "");
    if (this.#rivals.get(bridge) === host) return false;
    this.#rivals.set(bridge, host);
    return true;
  }

  async #attend(bridge: BridgeName, place: Place): Promise<void> {
    const { epoch, turns, readFlows, logger, listener } = this.#options;
    const { connection } = place;
    try {
      await connection.setRole("primary", epoch);
      using _turn = await turns.take();
      const target = await FlowTarget.observe(bridge, connection, logger, () => listener.changed(), readFlows);
      if (this.#places.get(bridge) !== place) return;
      place.target = target;
    } catch (error) {
      if (this.#places.get(bridge) !== place) return;
      logger.warn({ bridge, error: messageOf(error) }, "the bridge connected, but could not be observed");
      return this.#leave(bridge, place, `${bridge} connected, but could not be observed: ${messageOf(error)}`);
    }
    using _metering = bridge === "br-int" ? this.#meter(bridge, connection) : undefined;
    using _ports = keepPortsOpen({
      ...{ bridge, connection, logger },
      repaired: (drift) => listener.repaired(drift),
    });
    using _packets = connection.packetIns.add((packet) => listener.packetIn(bridge, packet));
    listener.observed(bridge);
    const error = await connection.closed;
    this.#puntsBefore.add(connection.punted);
    if (this.#places.get(bridge) === place)
      this.#leave(bridge, place, `${bridge} lost its OpenFlow connection: ${error?.message ?? "closed"}`);
  }

  #meter(bridge: BridgeName, connection: SwitchConnection): BridgeMetering {
    const { clock, logger, listener } = this.#options;
    return new BridgeMetering({
      ...{ connection, bridge, clock, logger },
      event: (...event) => listener.event(...event),
      repaired: (drift) => listener.repaired(drift),
    });
  }

  #leave(bridge: BridgeName, place: Place, reason: string): void {
    this.#places.delete(bridge);
    place.connection.close(reason);
    this.#options.listener.lost(bridge, reason);
  }
}

/**
 * Why a switch isn't a bridge of the hypervisor whose certificate has this subject. ovs-vswitchd shows the one that
 * set-ssl says, as ovsdb-server does.
 */
function wrongSubject(
  subject: string | undefined,
  { remoteAddress, peerSubject }: SwitchConnection,
): string | undefined {
  if (subject === undefined || peerSubject === undefined || peerSubject === subject) return undefined;
  return `the switch at ${remoteAddress} shows the certificate of "${peerSubject}", and the hypervisor's database that of "${subject}": both have to show the same (ovs-vsctl set-ssl)`;
}
