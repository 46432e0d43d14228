/**
 * The network between hypervisors that are no more than dummy datapaths, so that packets really pass their tunnels: one
 * more Open vSwitch whose ports are sockets, each with the link of a hypervisor at its other end.
 *
 *     br-int ─ br-tun ─ vxlan tunnel ─► br-phy (the endpoint's address) ─ p-phy ══ socket ══ br-hub
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { appctl } from "./appctl.ts";
import type { OpenVSwitch } from "./open-vswitch.ts";
import { endpointMac, endpointOf } from "./work.ts";

const run = promisify(execFile);
const prefixLength = 16;

/** Gives the hub a port for each hypervisor, and knows where everyone is: nothing has to be learnt. */
export async function makeHub(hub: OpenVSwitch, count: number): Promise<void> {
  const all = Array.from({ length: count }, (_, index) => index);
  const ports = all.map((index) => ({
    name: `h${index}`,
    options: new Map([["pstream", `punix:${socketOf(hub, index)}`]]),
    ofport: index + 1,
  }));
  await addBridge(hub, { name: "br-hub", failMode: "secure", ports });
  const flows = all.map((index) => `dl_dst=${endpointMac(index)},actions=output:${index + 1}`);
  await writeFile(`${hub.folder}/flows`, flows.join("\n"));
  await run("ovs-ofctl", ["add-flows", `unix:${hub.folder}/br-hub.mgmt`, `${hub.folder}/flows`]);
}

/** Connects a hypervisor, and tells it the others' addresses. */
export async function joinUnderlay(host: OpenVSwitch, index: number, hub: OpenVSwitch, count: number): Promise<void> {
  await addBridge(host, {
    name: "br-phy",
    failMode: "standalone",
    mac: endpointMac(index),
    ports: [{ name: "p-phy", options: new Map([["stream", `unix:${socketOf(hub, index)}`]]) }],
  });
  const others = Array.from({ length: count }, (_, other) => other).filter((other) => other !== index);
  const network = endpointOf(0).replace(/\d+\.\d+$/, "0.0");
  await appctl(`${host.folder}/vswitchd.ctl`, [
    ["netdev-dummy/ip4addr", "br-phy", `${endpointOf(index)}/${prefixLength}`],
    ["ovs/route/add", `${network}/${prefixLength}`, "br-phy"],
    ...others.map((other) => ["tnl/neigh/set", "br-phy", endpointOf(other), endpointMac(other)]),
  ]);
}

function socketOf(hub: OpenVSwitch, index: number): string {
  return `${hub.folder}/h${index}.sock`;
}

interface BridgeOptions {
  readonly name: string;
  readonly failMode: "secure" | "standalone";
  readonly mac?: string;
  readonly ports: readonly {
    readonly name: string;
    readonly options: ReadonlyMap<string, string>;
    readonly ofport?: number;
  }[];
}

/** Resolves when ovs-vswitchd has made it. */
async function addBridge(openVSwitch: OpenVSwitch, { name, failMode, mac, ports }: BridgeOptions): Promise<void> {
  const settings = [`fail_mode=${failMode}`, ...(mac === undefined ? [] : [`other_config:hwaddr="${mac}"`])];
  await openVSwitch.vsctl("add-br", name, "--", "set", "Bridge", name, ...settings);
  await openVSwitch.vsctl(
    ...ports.flatMap(({ name: port, options, ofport }) => [
      ...["--", "add-port", name, port, "--", "set", "Interface", port, "type=dummy"],
      ...Array.from(options, ([key, value]) => `options:${key}="${value}"`),
      ...(ofport === undefined ? [] : [`ofport_request=${ofport}`]),
    ]),
  );
}
