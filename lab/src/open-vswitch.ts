/**
 * Open vSwitch of one hypervisor, as its distribution ships it: ovsdb-server and ovs-vswitchd with the userspace
 * datapath.
 */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { runCommand } from "./process.ts";
import type { HypervisorContext } from "./hypervisor-context.ts";
import { underlay } from "./underlay.ts";

export const ovsdbPort = 6640;
const schema = "/usr/share/openvswitch/vswitch.ovsschema";

/** Files that survive a power cut. */
export interface OpenVswitchFiles {
  readonly folder: string;
  readonly database: string;
  readonly log: string;
}

export function openVswitchFiles(disk: string): OpenVswitchFiles {
  const folder = `${disk}/openvswitch`;
  return { folder, database: `${folder}/conf.db`, log: `${folder}/ovs-vswitchd.log` };
}

/**
 * Starts ovsdb-server, and makes the database with a new system-id when there is none. @throws LAB__DAEMON_ENDED,
 * LAB__TIMEOUT
 */
export async function startOvsdbServer(context: HypervisorContext, files: OpenVswitchFiles): Promise<void> {
  await mkdir(files.folder, { recursive: true });
  const isNew = !existsSync(files.database);
  if (isNew) await context.require("ovsdb-tool", ["create", files.database, schema]);
  await context.require("mkdir", ["-p", "/run/openvswitch"]);
  const remotes = [
    "punix:/run/openvswitch/db.sock",
    `ptcp:${ovsdbPort}`,
    "db:Open_vSwitch,Open_vSwitch,manager_options",
  ];
  const server = context.startDaemon("ovsdb-server", [
    files.database,
    ...remotes.map((remote) => `--remote=${remote}`),
    "--pidfile=/run/openvswitch/ovsdb-server.pid",
    `--log-file=${files.folder}/ovsdb-server.log`,
  ]);
  await context.untilReady(
    server,
    async () => (await context.run("ovs-vsctl", ["--no-wait", "--timeout=5", "init"])).exitCode === 0,
  );
  if (!isNew) return;
  const identity = [
    `external_ids:system-id=${randomUUID()}`,
    `external_ids:hostname=${context.name}`,
    "external_ids:rundir=/run/openvswitch",
  ];
  await context.require("ovs-vsctl", ["--no-wait", "set", "Open_vSwitch", ".", ...identity]);
}

/**
 * Starts ovs-vswitchd and waits until it has put the database's configuration in place. @throws LAB__DAEMON_ENDED,
 * LAB__TIMEOUT
 */
export async function startVswitchd(context: HypervisorContext, files: OpenVswitchFiles): Promise<void> {
  // br-phy owns eth0 and carries the hypervisor's address: with the userspace datapath, tunnels leave through a bridge.
  const addBridge = ["--may-exist", "add-br", "br-phy", "--", "set", "Bridge", "br-phy", "datapath_type=netdev"];
  await context.require("ovs-vsctl", [
    "--no-wait",
    "--timeout=10",
    ...addBridge,
    "--",
    "--may-exist",
    "add-port",
    "br-phy",
    "eth0",
  ]);
  const vswitchd = context.startDaemon("ovs-vswitchd", [
    "unix:/run/openvswitch/db.sock",
    "--pidfile=/run/openvswitch/ovs-vswitchd.pid",
    `--log-file=${files.log}`,
    "-vconsole:emer",
  ]);
  // It makes all bridges of the database in one go, and answers such calls only before or after that.
  await context.untilReady(
    vswitchd,
    async () => (await context.run("ovs-appctl", ["--timeout=5", "bridge/dump-flows", "br-phy"])).exitCode === 0,
  );
  const address = `${underlay.hypervisorAddress(context.number)}/${underlay.prefixLength}`;
  await context.require("ip", ["address", "replace", address, "dev", "br-phy"]);
  await context.require("ip", ["link", "set", "br-phy", "up"]);
}

/** Whether the controller's side reaches the hypervisor's address through br-phy. */
export async function isReachable(number: number): Promise<boolean> {
  const ping = await runCommand("ping", ["-c", "1", "-W", "1", underlay.hypervisorAddress(number)]);
  return ping.exitCode === 0;
}
