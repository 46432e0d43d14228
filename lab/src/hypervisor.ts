import { mkdir, rm } from "node:fs/promises";
import { LoomstackError, type Logger } from "@loomstack/core";
import { until } from "./condition.ts";
import { contextOf, type HypervisorContext } from "./hypervisor-context.ts";
import { libvirtUriOf, prepareLibvirtFolders, startLibvirtd } from "./libvirtd.ts";
import { type Machine, startMachine } from "./machine.ts";
import {
  isReachable,
  openVswitchFiles,
  type OpenVswitchFiles,
  ovsdbPort,
  startOvsdbServer,
  startVswitchd,
} from "./open-vswitch.ts";
import { runFolder } from "./paths.ts";
import type { CommandOptions, CommandResult } from "./process.ts";
import { plugCable, underlay } from "./underlay.ts";

/** A KVM/libvirt hypervisor with Open vSwitch, in its own namespaces, as its distribution ships it. */
export interface LabHypervisor extends AsyncDisposable {
  /** hv1, hv2, … */
  readonly name: string;
  /**
   * Its address on the underlay: management and tunnel endpoint. Carried by br-phy, so that it is silent while
   * ovs-vswitchd is dead.
   */
  readonly address: string;
  readonly ovsdbPort: number;
  /** Usable in the lab's main namespaces. */
  readonly libvirtUri: string;
  /** ovs-vswitchd's log, readable in the lab's main namespaces. It survives power cuts. */
  readonly ovsLogFile: string;
  /** Runs a command in the hypervisor's namespaces, whatever its exit code. @throws LAB__POWERED_OFF, LAB__TIMEOUT */
  run(command: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** ovs-vsctl; returns its output. @throws LAB__COMMAND_FAILED */
  vsctl(...args: string[]): Promise<string>;
  /** ovs-ofctl with OpenFlow 1.3; returns its output. @throws LAB__COMMAND_FAILED */
  ofctl(...args: string[]): Promise<string>;
  /** ovs-appctl; returns its output. @throws LAB__COMMAND_FAILED */
  appctl(...args: string[]): Promise<string>;
  /**
   * A power cut: everything in it is killed with SIGKILL, its link is down. Its disk (OVSDB file, libvirt's
   * definitions, logs) is kept.
   */
  kill(): Promise<void>;
  /**
   * Power on: daemons are started on what the disk holds, and answer when this resolves. Does nothing when it is on.
   */
  start(): Promise<void>;
  /** Kills ovs-vswitchd with SIGKILL. With the userspace datapath no packet passes until startVswitchd. */
  killVswitchd(): Promise<void>;
  startVswitchd(): Promise<void>;
}

/** Powers on a new hypervisor. @throws LAB__TIMEOUT, LAB__COMMAND_FAILED, LAB__DAEMON_ENDED; it is off then */
export async function createHypervisor(options: {
  readonly number: number;
  readonly logger: Logger;
}): Promise<LabHypervisor> {
  const hypervisor = new Hypervisor(options.number, options.logger);
  try {
    await hypervisor.start();
    return hypervisor;
  } catch (error) {
    await hypervisor[Symbol.asyncDispose]();
    throw error;
  }
}

class Hypervisor implements LabHypervisor {
  readonly name: string;
  readonly address: string;
  readonly ovsdbPort = ovsdbPort;
  readonly libvirtUri: string;
  readonly ovsLogFile: string;
  readonly #number: number;
  readonly #logger: Logger;
  readonly #folder: string;
  readonly #ovs: OpenVswitchFiles;
  #power:
    { readonly machine: Machine; readonly cable: AsyncDisposable; readonly context: HypervisorContext } | undefined;

  constructor(number: number, logger: Logger) {
    this.name = `hv${number}`;
    this.address = underlay.hypervisorAddress(number);
    this.#number = number;
    this.#logger = logger.child({ hypervisor: this.name });
    this.#folder = `${runFolder}/${this.name}`;
    this.#ovs = openVswitchFiles(this.#disk);
    this.ovsLogFile = this.#ovs.log;
    this.libvirtUri = libvirtUriOf(this.#run);
  }

  async start(): Promise<void> {
    if (this.#power !== undefined) return;
    const startedAt = performance.now();
    const mounts = await this.#prepareFolders();
    const machine = await startMachine(mounts);
    try {
      const cable = await plugCable(this.#number, machine.pid);
      this.#power = { machine, cable, context: contextOf(this.name, this.#number, machine) };
    } catch (error) {
      await machine.cutPower();
      throw error;
    }
    const { context } = this.#power;
    await context.require("ip", ["link", "set", "eth0", "up"]);
    await context.require("ethtool", ["-K", "eth0", "tx", "off"]);
    await Promise.all([this.#startOpenVswitch(context), startLibvirtd(context, this.#run)]);
    this.#logger.info({ ms: Math.round(performance.now() - startedAt) }, "powered on");
  }

  async kill(): Promise<void> {
    const power = this.#power;
    if (power === undefined) return;
    this.#power = undefined;
    await power.cable[Symbol.asyncDispose]();
    await power.machine.cutPower();
    this.#logger.info({}, "powered off");
  }

  async run(command: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    return await this.#context.run(command, args, options);
  }

  async vsctl(...args: string[]): Promise<string> {
    return await this.#context.require("ovs-vsctl", ["--timeout=15", ...args]);
  }

  async ofctl(...args: string[]): Promise<string> {
    return await this.#context.require("ovs-ofctl", ["--timeout=15", "-O", "OpenFlow13", ...args]);
  }

  async appctl(...args: string[]): Promise<string> {
    return await this.#context.require("ovs-appctl", ["--timeout=15", ...args]);
  }

  async killVswitchd(): Promise<void> {
    await this.#context.daemon("ovs-vswitchd")?.kill();
  }

  async startVswitchd(): Promise<void> {
    if (this.#context.daemon("ovs-vswitchd") !== undefined) return;
    await startVswitchd(this.#context, this.#ovs);
    await this.#untilReachable();
  }

  /** The machine and all that is on its disk. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #disk(): string {
    return `${this.#folder}/disk`;
  }

  /** What the machine has as its /run. */
  get #run(): string {
    return `${this.#folder}/run`;
  }

  get #context(): HypervisorContext {
    if (this.#power === undefined) throw new LoomstackError("LAB__POWERED_OFF", { hypervisor: this.name });
    return this.#power.context;
  }

  async #prepareFolders(): Promise<{ from: string; to: string }[]> {
    const libvirt = await prepareLibvirtFolders(this.#disk);
    // A power cut empties /run.
    await rm(this.#run, { recursive: true, force: true });
    await mkdir(`${this.#run}/loomstack`, { recursive: true });
    return [...libvirt, { from: runFolder, to: `${this.#run}/loomstack` }, { from: this.#run, to: "/run" }];
  }

  async #startOpenVswitch(context: HypervisorContext): Promise<void> {
    await startOvsdbServer(context, this.#ovs);
    await startVswitchd(context, this.#ovs);
    await this.#untilReachable();
  }

  async #untilReachable(): Promise<void> {
    await until(`${this.name} answers at ${this.address}`, () => isReachable(this.#number), { timeoutMs: 20_000 });
  }
}
