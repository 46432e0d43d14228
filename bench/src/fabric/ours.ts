/** Our side: the controller in a process of its own, on hypervisors that may be real or played. */
import { join } from "node:path";
import { LoomstackError } from "@loomstack/core";
import type { Run } from "../benchmark.ts";
import { ControllerChild } from "./controller-child.ts";
import type { ControllerCounts } from "./controller-calls.ts";
import type { Hypervisor } from "./hypervisor.ts";
import { crashOnAbort, type Phase, type Plan, runSide, type Side } from "./side.ts";
import { morePort, portsOf } from "./work.ts";

export interface OursOptions {
  /** For the store. */
  readonly folder: string;
  readonly hypervisors: readonly Hypervisor[];
  readonly plan: Plan;
  /** Where processor profiles of the phases are written; default: none are taken, for they cost time. */
  readonly profiles?: string | undefined;
  /** Told when all is converged. */
  readonly onConverged?: () => Promise<void>;
}

const bytesInMb = 1e6;

/** Connects the hypervisors, and takes the controller through all phases. */
export async function runOurs(options: OursOptions): Promise<Run> {
  await using stack = new AsyncDisposableStack();
  const control = new Control(options);
  stack.defer(() => control.crash());
  stack.use(crashOnAbort(control, options.plan.signal));
  await control.start();
  await control.connect();
  const { figures, params } = await runSide(control, options.plan);
  const { counts } = control;
  const flows = counts.converge.flows;
  return {
    figures: {
      ...figures,
      flows: flows / options.hypervisors.length,
      "openflow-bytes": (counts.converge.openflowBytes - counts.connected.openflowBytes) / bytesInMb,
      "restart-flow-mods": counts.restart?.flowModsSent ?? Number.NaN,
      "cpu-per-flow": ((figures["converge-cpu"] ?? Number.NaN) * 1e6) / flows,
    },
    params: {
      ...params,
      ...(counts.restart === undefined ? {} : { restart_ovsdb_transactions: counts.restart.ovsdbTransactions }),
    },
  };
}

const noCounts: ControllerCounts = { flows: 0, flowModsSent: 0, ovsdbTransactions: 0, openflowBytes: 0 };

class Control implements Side {
  readonly hypervisors: readonly Hypervisor[];
  readonly counts = { connected: noCounts, converge: noCounts, restart: undefined as ControllerCounts | undefined };
  readonly #options: OursOptions;
  readonly #storeFile: string;
  #child: ControllerChild | undefined;
  #openflowPort = 0;
  #profiled: Phase | undefined;

  constructor(options: OursOptions) {
    this.#options = options;
    this.hypervisors = options.hypervisors;
    this.#storeFile = join(options.folder, "store.sqlite");
  }

  async start(): Promise<void> {
    const child = await ControllerChild.start(this.#storeFile, this.#openflowPort);
    this.#child = child;
    this.#openflowPort = child.openflowPort;
  }

  async connect(): Promise<void> {
    const nodes = this.hypervisors.map(({ index, port }) => ({ index, port }));
    await this.#running.call("connect", nodes);
    this.counts.connected = await this.#running.call("counts", null);
  }

  usage(): ReturnType<Side["usage"]> {
    return this.#running.usage;
  }

  async load(): Promise<void> {
    await this.#running.call("load", this.#options.plan.work);
  }

  async converged(): Promise<void> {
    await this.#running.call(
      "active",
      portsOf(this.#options.plan.work).map(({ id }) => id),
    );
  }

  async addPort(port: Parameters<Side["addPort"]>[0]): Promise<void> {
    await this.#running.call("addPort", port);
  }

  async portUp({ id }: Parameters<Side["portUp"]>[0]): Promise<void> {
    await this.#running.call("active", [id]);
  }

  async crash(): Promise<void> {
    await this.#child?.[Symbol.asyncDispose]();
    this.#child = undefined;
  }

  async recover(): Promise<void> {
    await this.start();
    if (this.#options.profiles !== undefined) await this.#running.call("startProfile", null);
    await this.converged();
    await this.#running.call("active", [morePort(this.#options.plan.work, 0).id]);
  }

  async phase(name: Phase): Promise<void> {
    const { profiles, onConverged } = this.#options;
    if (profiles !== undefined && this.#profiled !== undefined)
      await this.#running.call("endProfile", join(profiles, `${this.#profiled}.cpuprofile`));
    this.#profiled = name;
    if (name === "one-more-port") {
      this.counts.converge = await this.#running.call("counts", null);
      await onConverged?.();
    }
    if (name === "end") this.counts.restart = await this.#running.call("counts", null);
    if (profiles !== undefined && (name === "converge" || name === "one-more-port"))
      await this.#running.call("startProfile", null);
  }

  get #running(): ControllerChild {
    if (this.#child === undefined)
      throw new LoomstackError("CORE__UNREACHABLE", { what: "the controller isn't running" });
    return this.#child;
  }
}
