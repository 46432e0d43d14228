/** A switch that tests script: it holds flows, and does with them what the test says. */
import { type Dpid, Listeners, LoomstackError, type OfPort } from "@loomstack/core";
import {
  type Flow,
  flowKey,
  type FlowMod,
  type FlowUpdate,
  type Message,
  type OpenFlowVersion,
  type PacketIn,
  type PortStatus,
  type SwitchConnection,
} from "@loomstack/openflow";

export interface ScriptedSwitch {
  readonly connection: SwitchConnection;
  /** What it holds, by identity. */
  readonly held: Map<string, Flow>;
  /** The flow mods that came, as `add <identity>`. */
  readonly sent: string[];
  readonly flowUpdates: Listeners<readonly FlowUpdate[]>;
  readonly portStatus: Listeners<PortStatus>;
  readonly isClosed: () => boolean;
  /** What it refuses, with which error; default: nothing. */
  refuses: (mod: FlowMod) => string | undefined;
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
  readonly remoteAddress?: string;
}

export function scriptedSwitch(options: ScriptedOptions = {}): ScriptedSwitch {
  const { version = "1.3", isWatched = true, remoteAddress = "192.0.2.1:1" } = options;
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
      ports: new Map([[1 as OfPort, undefined]]),
      closed: closed.promise,
    },
    ...{ packetIns: new Listeners<PacketIn>(), portStatus, flowUpdates },
    setRole: () => Promise.resolve(),
    monitorFlows: () => (isWatched ? Promise.resolve() : Promise.reject(unsupported)),
    dumpFlows: () => Promise.resolve([...one.held.values()]),
    barrier: () => (one.answers ? Promise.resolve() : new Promise<void>(() => undefined)),
    apply: (messages: readonly Message[]) => Promise.all(messages.map(take)).then(() => undefined),
    close: end,
  } as unknown as SwitchConnection;
  const take = (message: Message): Promise<void> => {
    if (message.kind !== "flowMod") return Promise.resolve();
    const { tableId, priority = 0, cookie = 0n, match = {}, instructions = [], command } = message;
    const flow: Flow = { tableId, priority, cookie, match, instructions };
    one.sent.push(`${command} ${flowKey(flow)}`);
    const error = one.refuses(message);
    if (error !== undefined) {
      const context = { peer: remoteAddress, index: 0, count: 1, message: "flowMod", error };
      return Promise.reject(new LoomstackError("OPENFLOW__MESSAGE_REFUSED", context));
    }
    if (command === "add") one.held.set(flowKey(one.keeps(flow)), one.keeps(flow));
    else one.held.delete(flowKey(flow));
    return Promise.resolve();
  };
  const one: ScriptedSwitch = {
    ...{ connection, held: new Map<string, Flow>(), sent: [], flowUpdates, portStatus },
    isClosed: () => isClosed,
    refuses: () => undefined,
    keeps: (flow) => flow,
    answers: true,
    lose: end,
  };
  return one;
}
