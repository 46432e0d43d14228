import type { LabHypervisor } from "../lab.ts";
import { endOfLog, flowKey, type FlowMod, flowModsIn, type LogPlace, readLog } from "./switch-log.ts";

const bridges = ["br-int", "br-tun"] as const;
/** A flow's age is told in milliseconds, but counted by another clock than ours. */
const clockToleranceSec = 0.1;

/** What the switches of one hypervisor saw of the controller. */
export interface FlowTestimony {
  /** Messages that change flows, as ovs-vswitchd received them from the controller. */
  readonly flowMods: number;
  /** Flows that are not as they were: added, removed. */
  readonly changedFlows: number;
  /** Flows that were right and were removed or sent again all the same. */
  readonly disturbedFlows: number;
}

/** A flow without its counters, and since when it is there. */
type Ages = ReadonlyMap<string, number>;

/** Lets ovs-vswitchd say, by its log and by its flows' ages, what a controller did to the flows between two moments. */
export class FlowWitness {
  readonly #hypervisor: LabHypervisor;
  readonly #log: LogPlace;
  readonly #before: Ages;
  readonly #pid: string;
  readonly #startedAtMs = performance.now();

  private constructor(hypervisor: LabHypervisor, log: LogPlace, before: Ages, pid: string) {
    this.#hypervisor = hypervisor;
    this.#log = log;
    this.#before = before;
    this.#pid = pid;
  }

  static async begin(hypervisor: LabHypervisor): Promise<FlowWitness> {
    await logMessages(hypervisor);
    const [log, before, pid] = await Promise.all([
      endOfLog(hypervisor.ovsLogFile),
      agesOf(hypervisor),
      switchPid(hypervisor),
    ]);
    return new FlowWitness(hypervisor, log, before, pid);
  }

  /** What the log says since the beginning. */
  async log(): Promise<string> {
    return readLog(this.#log);
  }

  async end(): Promise<FlowTestimony> {
    const [log, after, pid] = await Promise.all([this.log(), agesOf(this.#hypervisor), switchPid(this.#hypervisor)]);
    const elapsedSec = (performance.now() - this.#startedAtMs) / 1000 - clockToleranceSec;
    const kept = [...after].filter(([flow]) => this.#before.has(flow));
    const flowMods = flowModsIn(log);
    const restarted = pid !== this.#pid;
    const young = kept.filter(([, ageSec]) => ageSec < elapsedSec).length;
    return {
      flowMods: flowMods.length,
      changedFlows: this.#before.size + after.size - 2 * kept.length,
      // A switch that started anew has flows that are all young, and was right to be sent each of them, once.
      disturbedFlows: restarted ? repeated(flowMods) : Math.max(young, sentAgain(flowMods, new Map(kept))),
    };
  }
}

/** Flows that were added although they were there, as they are, all the time. */
function sentAgain(flowMods: readonly FlowMod[], kept: Ages): number {
  return flowMods.filter(({ key }) => [...kept.keys()].some((flow) => flow.endsWith(` ${key}`))).length;
}

/** Flows that were sent more than once. */
function repeated(flowMods: readonly FlowMod[]): number {
  return flowMods.length - new Set(flowMods.map(({ command, key }) => `${command} ${key}`)).size;
}

/** Makes ovs-vswitchd log every OpenFlow message; its limit of messages a minute would hide some. */
async function logMessages(hypervisor: LabHypervisor): Promise<void> {
  await hypervisor.appctl("vlog/set", "vconn:file:dbg");
  await hypervisor.appctl("vlog/disable-rate-limit", "vconn");
}

async function switchPid(hypervisor: LabHypervisor): Promise<string> {
  return (await hypervisor.run("cat", ["/run/openvswitch/ovs-vswitchd.pid"])).stdout.trim();
}

async function agesOf(hypervisor: LabHypervisor): Promise<Ages> {
  const dumps = await Promise.all(bridges.map((bridge) => hypervisor.ofctl("dump-flows", bridge)));
  return new Map(
    dumps.flatMap((dump, index) =>
      dump.split("\n").flatMap((line): [string, number][] => {
        const key = flowKey(line);
        const ageSec = Number(/duration=([\d.]+)s/.exec(line)?.[1] ?? 0);
        return key === undefined ? [] : [[`${bridges[index] ?? ""} ${key}`, ageSec]];
      }),
    ),
  );
}
