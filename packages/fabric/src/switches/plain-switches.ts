/**
 * The switches that connect by OpenFlow, as the northbounds see them, and the plain ones among them, kept right.
 *
 * Whoever connects can claim any datapath id. So a switch gets flows only once an administrator has added it; and of two
 * connections that claim to be the same added switch, the one that was there first stays as long as it answers.
 */
import {
  type Clock,
  type Dpid,
  Listeners,
  type Logger,
  LoomstackError,
  type Revision,
  type Uuid,
} from "@loomstack/core";
import {
  createStaticFlow,
  deleteStaticFlow,
  type FlowRequest,
  type Lacking,
  type PuntedPackets,
  registerSwitch,
  replaceStaticFlow,
  type StaticFlow,
  type StaticFlowStatus,
  type Store,
  type SwitchDetail,
  type Switches,
  type SwitchStatistics,
  type SwitchStatus,
  type SwitchTraits,
  unregisterSwitch,
} from "@loomstack/model";
import type { SwitchConnection } from "@loomstack/openflow";
import { recordEvents } from "../event-record.ts";
import type { IntentFollower } from "../intent/intent-follower.ts";
import type { IntentStep } from "../intent/intent-step.ts";
import type { PlainSwitchKeeper, SwitchDirectory } from "../inventory/switch-directory.ts";
import { Turns } from "../reconcile/turns.ts";
import { dpidFromText, dpidText } from "./datapath-id.ts";
import { checkedFlow } from "./flow-request.ts";
import { PlainSwitch } from "./plain-switch.ts";
import { randomUuid } from "./random-uuid.ts";
import { pinCertificate } from "./switch-certificate.ts";
import { SwitchDescriptions } from "./switch-descriptions.ts";
import { askStatistics, portsReport } from "./switch-report.ts";
import { belongsTo, switchStatus } from "./switch-status.ts";
import { until } from "./until.ts";

export interface PlainSwitchesOptions {
  readonly store: Store;
  readonly follower: IntentFollower;
  readonly directory: SwitchDirectory;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly epoch: bigint;
}

/** How many switches are read at a time: each may hold tens of thousands of flows. */
const mostAtATime = 8;

export class PlainSwitches implements Switches, PlainSwitchKeeper, Disposable {
  readonly #options: PlainSwitchesOptions;
  readonly #switches = new Map<string, PlainSwitch>();
  readonly #descriptions: SwitchDescriptions;
  readonly #steps: Disposable;
  readonly #turns = new Turns(mostAtATime);
  /** The state or the confirmed revision of the switch with this datapath id may have changed. */
  readonly changed = new Listeners<string>();

  constructor(options: PlainSwitchesOptions) {
    this.#options = options;
    this.#descriptions = new SwitchDescriptions(options.logger);
    const { follower, directory } = options;
    for (const dpid of follower.intent.switches.keys()) this.#make(dpid);
    this.#steps = follower.steps.add((step) => this.#follow(step));
    directory.givePlainTo(this);
  }

  /** What the switches have confirmed that still have something to do. */
  get behind(): readonly Revision[] {
    return [...this.#switches.values()].filter(({ isBehind }) => isBehind).map(({ confirmed }) => confirmed);
  }

  /** Those that still have something to do. */
  get lacking(): readonly Lacking[] {
    return [...this.#switches.values()]
      .filter(({ isBehind }) => isBehind)
      .map(({ dpid, confirmed, reason }) => ({ who: dpid, confirmed, reason }));
  }

  keeps(dpid: Dpid): boolean {
    return this.#switches.has(dpidText(dpid));
  }

  adopt(connection: SwitchConnection): void {
    this.#descriptions.ask(connection);
    this.#switches.get(dpidText(connection.dpid))?.adopt(connection);
  }

  discovered(connection: SwitchConnection): void {
    this.#descriptions.ask(connection);
  }

  yield(dpid: Dpid): SwitchConnection | undefined {
    return this.#switches.get(dpidText(dpid))?.yield();
  }

  list(): readonly SwitchStatus[] {
    const { directory } = this.#options;
    const connected = [...directory.waiting.keys(), ...directory.owned].map(dpidText);
    return [...new Set([...this.#switches.keys(), ...connected])].sort().map((dpid) => this.#status(dpid));
  }

  get(dpid: string): SwitchDetail {
    const status = this.#status(dpid);
    const connection = this.#connectionOf(dpid);
    if (connection === undefined) return { ...status, description: null, ports: [] };
    return { ...status, description: this.#descriptions.of(connection), ports: portsReport(connection.ports) };
  }

  async statistics(dpid: string): Promise<SwitchStatistics> {
    const { reason } = this.#status(dpid);
    const connection = this.#connectionOf(dpid);
    if (connection === undefined) throw new LoomstackError("FABRIC__SWITCH_NOT_CONNECTED", { switch: dpid, reason });
    return askStatistics(connection);
  }

  async register(dpid: string, traits?: SwitchTraits): Promise<SwitchDetail> {
    this.#refuseOwned(dpid);
    await this.#options.store.transact(async (tx) => registerSwitch(tx, dpid, traits));
    return this.get(dpid);
  }

  async unregister(dpid: string): Promise<void> {
    await this.#options.store.transact(async (tx) => unregisterSwitch(tx, dpid));
  }

  flows(dpid: string): readonly StaticFlowStatus[] {
    const { staticFlows, staticFlowsBySwitch } = this.#options.follower.intent;
    this.#status(dpid);
    return [...(staticFlowsBySwitch.get(dpid) ?? [])]
      .flatMap((id) => staticFlows.get(id) ?? [])
      .sort((a, b) => a.tableId - b.tableId || b.priority - a.priority || (a.match < b.match ? -1 : 1))
      .map((flow) => this.#flowStatus(flow));
  }

  async addFlow(dpid: string, request: FlowRequest, signal: AbortSignal): Promise<StaticFlowStatus> {
    this.#refuseOwned(dpid);
    const flow = checkedFlow(request, dpid, this.#connectionOf(dpid));
    const { result } = await this.#options.store.transact(async (tx) => {
      await registerSwitch(tx, dpid);
      return createStaticFlow(tx, { id: randomUuid(this.#options.random), dpid, ...flow });
    });
    await this.#settled(dpid, signal);
    return this.#flowStatus(result);
  }

  async replaceFlow(dpid: string, id: Uuid, request: FlowRequest, signal: AbortSignal): Promise<StaticFlowStatus> {
    this.#refuseOwned(dpid);
    const flow = checkedFlow(request, dpid, this.#connectionOf(dpid));
    const { result } = await this.#options.store.transact(async (tx) => replaceStaticFlow(tx, { id, dpid, ...flow }));
    await this.#settled(dpid, signal);
    return this.#flowStatus(result);
  }

  async deleteFlow(dpid: string, id: Uuid, signal: AbortSignal): Promise<void> {
    await this.#options.store.transact(async (tx) => deleteStaticFlow(tx, dpid, id));
    await this.#settled(dpid, signal);
  }

  packets(dpid: string): PuntedPackets {
    return this.#registered(dpid).packets.report();
  }

  [Symbol.dispose](): void {
    this.#steps[Symbol.dispose]();
    for (const one of this.#switches.values()) one[Symbol.dispose]();
    this.#switches.clear();
  }

  #follow({ changes, revision }: IntentStep): void {
    for (const change of changes) {
      if (change.resource !== "switch") continue;
      if (change.before === undefined) this.#make(change.id);
      if (change.after === undefined) this.#drop(change.id);
      else if (change.after.certificate !== change.before?.certificate)
        this.#switches.get(change.id)?.certificateChanged();
    }
    const flows = changes.filter((change) => change.resource === "staticFlow");
    const dpidOf = ({ before, after }: (typeof flows)[number]): string => (after ?? before)?.dpid ?? "";
    for (const [dpid, group] of Map.groupBy(flows, dpidOf)) this.#switches.get(dpid)?.flowsChanged(revision, group);
  }

  #make(dpid: string): void {
    const { store, follower, clock, random, logger, epoch, directory } = this.#options;
    const fresh = new PlainSwitch({
      ...{ dpid, clock, random, logger, epoch, intent: follower.intent, turns: this.#turns },
      changed: () => this.changed.tell(dpid),
      event: recordEvents({ store, clock, logger }, { object: `switch ${dpid}` }),
      shown: (subject) => this.#shown(dpid, subject),
    });
    this.#switches.set(dpid, fresh);
    const connection = directory.take(dpidFromText(dpid));
    if (connection !== undefined) fresh.adopt(connection);
  }

  #shown(dpid: string, subject: string | undefined): void {
    const { store, follower, logger } = this.#options;
    if (subject !== undefined && follower.intent.switches.get(dpid)?.certificate === null)
      void pinCertificate(store, logger, dpid, subject);
  }

  #drop(dpid: string): void {
    this.#switches.get(dpid)?.[Symbol.dispose]();
    this.#switches.delete(dpid);
    this.changed.tell(dpid);
  }

  /** @throws MODEL__NOT_FOUND for a switch that is neither connected nor added */
  #status(dpid: string): SwitchStatus {
    const plain = this.#switches.get(dpid);
    const connection = this.#connectionOf(dpid);
    const hypervisor = this.#options.directory.ownerOf(dpidFromText(dpid))?.key;
    if (plain === undefined && hypervisor === undefined && connection === undefined)
      throw new LoomstackError("MODEL__NOT_FOUND", { resource: "switch", id: dpid });
    const { name, certificate } = this.#options.follower.intent.switches.get(dpid) ?? {};
    return switchStatus({ dpid, name, certificate, plain, connection, hypervisor });
  }

  #flowStatus(flow: StaticFlow): StaticFlowStatus {
    const status = this.#registered(flow.dpid).flowStatus(flow);
    const owner = this.#options.directory.ownerOf(dpidFromText(flow.dpid));
    return owner === undefined ? status : { ...status, state: "not-connected", reason: belongsTo(owner.key) };
  }

  #registered(dpid: string): PlainSwitch {
    const plain = this.#switches.get(dpid);
    if (plain === undefined) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "added switch", id: dpid });
    return plain;
  }

  #connectionOf(dpid: string): SwitchConnection | undefined {
    const { directory } = this.#options;
    const id = dpidFromText(dpid);
    return directory.ownerOf(id)?.connection ?? this.#switches.get(dpid)?.connection ?? directory.waiting.get(id);
  }

  #refuseOwned(dpid: string): void {
    const owner = this.#options.directory.ownerOf(dpidFromText(dpid));
    if (owner !== undefined)
      throw new LoomstackError("FABRIC__SWITCH_OF_HYPERVISOR", { switch: dpid, hypervisor: owner.key });
  }

  /** Resolves when the switch has taken or refused all that is asked of it, or can't be expected to. */
  async #settled(dpid: string, signal: AbortSignal): Promise<void> {
    await until(
      this.changed,
      () => {
        const plain = this.#switches.get(dpid);
        return plain?.connection === undefined || plain.isSettled;
      },
      signal,
    );
  }
}
