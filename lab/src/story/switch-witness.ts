import { readFile } from "node:fs/promises";
import type { LabHypervisor } from "../lab.ts";

const bridges = ["br-int", "br-tun"] as const;

/** What a hypervisor's switch itself saw of a controller, between `begin` and `end`. */
export interface SwitchTestimony {
  /** Messages that change flows, as ovs-vswitchd received them: OFPT_FLOW_MOD, alone or in a bundle. */
  readonly flowMods: number;
  /** Flows that are not the same, by their text without counters. */
  readonly changedFlows: number;
  /** Flows that are the same, and how old the youngest is, in seconds: a re-added flow is young. */
  readonly keptFlows: number;
  readonly youngestFlowSec: number;
}

/**
 * Lets ovs-vswitchd say which OpenFlow messages it receives. It logs every message of its connections (`vconn` at debug
 * level), and tells every flow's age: two witnesses that know nothing of the controller.
 */
export class SwitchWitness {
  readonly #hypervisor: LabHypervisor;
  #logStart = 0;
  #before: ReadonlySet<string> = new Set();

  constructor(hypervisor: LabHypervisor) {
    this.#hypervisor = hypervisor;
  }

  async begin(): Promise<void> {
    await this.#hypervisor.appctl("vlog/set", "vconn:file:dbg");
    // The limit of messages a minute would hide some.
    await this.#hypervisor.appctl("vlog/disable-rate-limit", "vconn");
    this.#logStart = (await readFile(this.#hypervisor.ovsLogFile, "utf8")).length;
    this.#before = new Set((await this.#flows()).map(withoutCounters));
  }

  async end(): Promise<SwitchTestimony> {
    const log = (await readFile(this.#hypervisor.ovsLogFile, "utf8")).slice(this.#logStart);
    await this.#hypervisor.appctl("vlog/set", "vconn:file:info");
    const flows = await this.#flows();
    const after = new Set(flows.map(withoutCounters));
    const kept = [...after].filter((flow) => this.#before.has(flow)).length;
    const ages = flows.map((flow) => Number(/duration=([\d.]+)s/.exec(flow)?.[1] ?? 0));
    return {
      // ovs-ofctl's own messages, of this very class, only dump.
      flowMods: log
        .split("\n")
        .filter((line) => /received:.*(OFPT_FLOW_MOD|OFPT_BUNDLE_ADD_MESSAGE|ONFT_BUNDLE_ADD_MESSAGE)/.test(line))
        .length,
      changedFlows: this.#before.size - kept + after.size - kept,
      keptFlows: kept,
      youngestFlowSec: Math.min(...ages),
    };
  }

  async #flows(): Promise<string[]> {
    const dumps = await Promise.all(bridges.map((bridge) => this.#hypervisor.ofctl("dump-flows", bridge)));
    return dumps.flatMap((dump, index) =>
      dump
        .split("\n")
        .filter((line) => line.includes("actions="))
        .map((line) => `${bridges[index] ?? ""} ${line.trim()}`),
    );
  }
}

function withoutCounters(flow: string): string {
  return flow.replace(/(duration|n_packets|n_bytes|idle_age|hard_age)=[^,\s]+,? ?/g, "");
}
