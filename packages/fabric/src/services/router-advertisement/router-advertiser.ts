/**
 * Tells guests what their networks advertise before they ask: when it changes, when their ports begin to work, and now
 * and then, so that lifetimes don't run out while a controller is there. A guest asks when it boots; one that booted
 * while nobody answered, or that misses a change, would stay without.
 */
import type { Clock, Listeners, Logger, OfPort, Uuid } from "@loomstack/core";
import { effectiveMtu, type Intent } from "@loomstack/model";
import type { SwitchConnection } from "@loomstack/openflow";
import type { IntentStep } from "../../intent/intent-step.ts";
import type { Placement } from "../../intent/placement.ts";
import { subnetsOf } from "../../intent/subnets-of-network.ts";
import type { BridgeName } from "../../pipeline/tables.ts";
import { sendFrame } from "../send-frame.ts";
import type { ServiceSettings } from "../service.ts";
import { newsOf } from "./advertisement-change.ts";
import { isAdvertised, type Withdrawn, withWithdrawn } from "./advertisement-of-network.ts";
import { unsolicitedAdvertisement } from "./answer.ts";
import { DueAdvertisements } from "./due-advertisements.ts";
import { advertisementIn } from "./service.ts";

/** As much of a hypervisor as telling its guests needs. */
export interface AdvertisingHypervisor {
  /** The OpenFlow port of a guest, once its flows are in place. */
  confirmedPort(port: Uuid): OfPort | undefined;
  connection(bridge: BridgeName): SwitchConnection | undefined;
}

export interface RouterAdvertiserOptions {
  readonly intent: Intent;
  readonly placement: Placement;
  readonly steps: Listeners<IntentStep>;
  readonly hypervisors: {
    /** What the hypervisor with this key holds, or whether it is there, may be another now. */
    readonly changed: Listeners<string>;
    readonly dropped: Listeners<string>;
    get(key: string): AdvertisingHypervisor | undefined;
  };
  readonly settings: ServiceSettings;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** So many ports are told each time, and so long is between two times: two hundred a second. */
export const pace = { ports: 20, everyMs: 100 } as const;
/** Every port hears what it knows again so often: well within the shortest lifetime. */
export const refreshMs = 12 * 3_600_000;

export class RouterAdvertiser implements Disposable {
  readonly #options: RouterAdvertiserOptions;
  readonly #due = new DueAdvertisements();
  /** By hypervisor: the connection of br-int whose guests were told, or are about to be. */
  readonly #connections = new Map<string, SwitchConnection>();
  readonly #stack = new DisposableStack();
  #timer: Disposable | undefined;
  #refresh: Disposable;

  constructor(options: RouterAdvertiserOptions) {
    this.#options = options;
    const { steps, hypervisors, clock, random } = options;
    this.#stack.use(steps.add((step) => this.#take(step)));
    this.#stack.use(hypervisors.changed.add((key) => this.#look(key)));
    this.#stack.use(hypervisors.dropped.add((key) => this.#forget(key)));
    this.#refresh = clock.after(random() * refreshMs, () => this.#refreshAll());
  }

  [Symbol.dispose](): void {
    this.#stack[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    this.#refresh[Symbol.dispose]();
  }

  #take({ changes }: IntentStep): void {
    const { intent, settings } = this.#options;
    for (const change of changes) {
      if (change.resource === "port" && change.after === undefined) this.#due.removePort(change.id);
      const news = newsOf(change, intent, settings.dnsDomain);
      if (news === undefined) continue;
      if ("port" in news) this.#add(news.port, news.withdrawn);
      else for (const port of intent.portsByNetwork.get(news.network) ?? []) this.#add(port, news.withdrawn);
    }
  }

  /** Its guests are told when its switch is there anew: nobody knows what they missed. */
  #look(key: string): void {
    const { hypervisors, placement } = this.#options;
    const connection = hypervisors.get(key)?.connection("br-int");
    if (connection === undefined) this.#connections.delete(key);
    else if (connection !== this.#connections.get(key)) {
      this.#connections.set(key, connection);
      for (const network of placement.networksAt(key))
        if (this.#isAdvertising(network)) for (const port of placement.portsAt(key, network)) this.#due.add(key, port);
    }
    if (this.#due.has(key)) this.#wake();
  }

  #forget(key: string): void {
    this.#connections.delete(key);
    this.#due.removeHypervisor(key);
  }

  #refreshAll(): void {
    const { intent, clock } = this.#options;
    for (const [network, ports] of intent.portsByNetwork)
      if (this.#isAdvertising(network)) for (const port of ports) this.#add(port);
    this.#refresh = clock.after(refreshMs, () => this.#refreshAll());
  }

  #isAdvertising(network: Uuid): boolean {
    return subnetsOf(this.#options.intent, network).some(isAdvertised);
  }

  #add(port: Uuid, withdrawn?: Withdrawn): void {
    const place = this.#options.placement.placeOf(port);
    if (place === undefined || (withdrawn === undefined && !this.#isAdvertising(place.network))) return;
    this.#due.add(place.hypervisor, port, withdrawn);
    this.#wake();
  }

  #wake(): void {
    this.#timer ??= this.#options.clock.after(pace.everyMs, () => this.#tell());
  }

  /** Tells some of those that are due and can be reached; the others wait for their hypervisor to change. */
  #tell(): void {
    const { hypervisors, placement } = this.#options;
    this.#timer = undefined;
    let left: number = pace.ports;
    for (const { hypervisor, port, withdrawn } of this.#due.entries()) {
      const isThere = placement.placeOf(port)?.hypervisor === hypervisor;
      const ofPort = isThere ? hypervisors.get(hypervisor)?.confirmedPort(port) : undefined;
      if (isThere && ofPort === undefined) continue;
      if (left === 0) return this.#wake();
      this.#due.remove(hypervisor, port);
      if (ofPort === undefined) continue;
      left -= 1;
      this.#send(hypervisor, ofPort, port, withdrawn);
    }
  }

  #send(hypervisor: string, ofPort: OfPort, port: Uuid, withdrawn: Withdrawn): void {
    const { intent, hypervisors, settings, logger } = this.#options;
    const network = intent.networks.get(intent.ports.get(port)?.networkId ?? port);
    if (network === undefined) return;
    const connection = hypervisors.get(hypervisor)?.connection("br-int");
    const silent = { managed: false, other: false, prefixes: [], nameservers: [], searchDomains: [] };
    const said = advertisementIn(intent, network.id, settings);
    const isNothing = withdrawn.prefixes.length === 0 && withdrawn.nameservers.length === 0;
    if (said === undefined && isNothing) return;
    const base = said ?? { ...silent, mtu: effectiveMtu(network, settings.underlayMtu) };
    for (const frame of unsolicitedAdvertisement(withWithdrawn(base, withdrawn)))
      sendFrame(connection, { hypervisor, port, ofPort }, frame, logger);
  }
}
