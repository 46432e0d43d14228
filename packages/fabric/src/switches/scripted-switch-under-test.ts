/** A switch that tests script: it holds flows, and does with them what the test says. */
import { type Dpid, Listeners, LoomstackError, type OfPort } from "@loomstack/core";
import {
  type Flow,
  flowKey,
  type FlowMod,
  type FlowUpdate,
  type Message,
  type MeterMod,
  type OpenFlowVersion,
  type PacketIn,
  type PortStatus,
  type Request,
  type SwitchConnection,
} from "@loomstack/openflow";

export interface ScriptedSwitch {
  readonly connection: SwitchConnection;
  /** What it holds, by identity. */
  readonly held: Map<string, Flow>;
  /** The flow mods that came, as `add <identity>`. */
  readonly sent: string[];
  /** Its meters, by number. */
  readonly meters: Map<number, MeterMod>;
  readonly flowUpdates: Listeners<readonly FlowUpdate[]>;
  readonly portStatus: Listeners<PortStatus>;
  readonly isClosed: () => boolean;
  /** What it refuses, with which error; default: nothing. */
  refuses: (mod: FlowMod) => string | undefined;
  refusesMeters: boolean;
  /** The form in which it keeps a flow; default: as it came. */
  keeps: (flow: Flow) => Flow;
  /** Whether it answers barriers. */
  answers: boolean;
  /** Ends the connection from its side. */
  lose(): void;
}

export interface ScriptedOptions {
  readonly version?: OpenFlowVersion;
  /** Whether it has a flow monitor. */
  readonly isWatched?: boolean;
  /** Whether it has meters that drop packets. */
  readonly hasMeters?: boolean;
  readonly remoteAddress?: string;
  /** The subject of its certificate. */
  readonly peerSubject?: string;
}

const meterFeatures = { maxMeters: 1, maxBands: 1, bandTypes: { drop: true }, capabilities: { pktps: true } };

export function scriptedSwitch(options: ScriptedOptions = {}): ScriptedSwitch {
  const { version = "1.3", isWatched = true, hasMeters = false, remoteAddress = "192.0.2.1:1", peerSubject } = options;
  const closed = Promise.withResolvers<undefined>();
  const [flowUpdates, portStatus] = [new Listeners<readonly FlowUpdate[]>(), new Listeners<PortStatus>()];
  let isClosed = false;
  const end = (): void => {
    isClosed = true;
    closed.resolve(undefined);
  };
  const unsupported = new LoomstackError("OPENFLOW__UNSUPPORTED_REQUEST", { peer: "p", request: "r", error: "e" });
  const connection = {
    ...{
      dpid: 0xa1n as Dpid,
      version,
      remoteAddress,
      peerSubject,
      ports: new Map([[1 as OfPort, undefined]]),
      closed: closed.promise,
    },
    ...{ packetIns: new Listeners<PacketIn>(), portStatus, flowUpdates },
    setRole: () => Promise.resolve(),
    monitorFlows: () => (isWatched ? Promise.resolve() : Promise.reject(unsupported)),
    dumpFlows: () => Promise.resolve([...one.held.values()]),
    barrier: () => (one.answers ? Promise.resolve() : new Promise<void>(() => undefined)),
    request: ({ message }: Request<unknown>) => {
      const asked = message.kind === "multipartRequest" ? message.body.kind : message.kind;
      if (hasMeters && asked === "meterConfig") return Promise.resolve([...one.meters.values()]);
      return hasMeters && asked === "meterFeatures" ? Promise.resolve(meterFeatures) : Promise.reject(unsupported);
    },
    applyBundle: async (mods: readonly FlowMod[]) => {
      for (const mod of mods) if (one.refuses(mod) !== undefined) return take(mod);
      await Promise.all(mods.map(take));
    },
    apply: (messages: readonly Message[]) => Promise.all(messages.map(take)).then(() => undefined),
    close: end,
  } as unknown as SwitchConnection;
  const refusal = (message: string, error: string): Promise<never> => {
    const context = { peer: remoteAddress, index: 0, count: 1, message, error };
    return Promise.reject(new LoomstackError("OPENFLOW__MESSAGE_REFUSED", context));
  };
  const take = (message: Message): Promise<void> => {
    if (message.kind === "meterMod") return takeMeter(message);
    if (message.kind !== "flowMod") return Promise.resolve();
    const { tableId, priority = 0, cookie = 0n, match = {}, instructions = [], command } = message;
    const flow: Flow = { tableId, priority, cookie, match, instructions };
    one.sent.push(`${command} ${flowKey(flow)}`);
    const error = one.refuses(message);
    if (error !== undefined) return refusal("flowMod", error);
    if (command === "add") one.held.set(flowKey(one.keeps(flow)), one.keeps(flow));
    else one.held.delete(flowKey(flow));
    return Promise.resolve();
  };
  const takeMeter = (mod: MeterMod): Promise<void> => {
    one.sent.push(`${mod.command} meter`);
    if (one.refusesMeters) return refusal("meterMod", "OFPMMFC_OUT_OF_METERS (12,3)");
    if (mod.command === "delete") one.meters.delete(mod.meterId);
    else one.meters.set(mod.meterId, mod);
    return Promise.resolve();
  };
  const one: ScriptedSwitch = {
    ...{
      connection,
      held: new Map<string, Flow>(),
      meters: new Map<number, MeterMod>(),
      sent: [],
      flowUpdates,
      portStatus,
    },
    isClosed: () => isClosed,
    refuses: () => undefined,
    refusesMeters: false,
    keeps: (flow) => flow,
    answers: true,
    lose: end,
  };
  return one;
}
