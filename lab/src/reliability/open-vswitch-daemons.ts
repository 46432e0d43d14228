/** Open vSwitch's daemons, stopped and started one by one as an administrator or a crash does. */
import path from "node:path";
import { requireSuccess } from "../process.ts";
import type { LabHypervisor } from "../lab.ts";

export type OpenVswitchDaemon = "ovs-vswitchd" | "ovsdb-server";

const socket = "/run/openvswitch/db.sock";
const prefixLength = 24;

/** The hypervisor's database file. */
export function databaseFile({ ovsLogFile }: LabHypervisor): string {
  return path.join(path.dirname(ovsLogFile), "conf.db");
}

/** Ends a daemon, and waits until it is gone. */
export async function endDaemon(
  hypervisor: LabHypervisor,
  daemon: OpenVswitchDaemon,
  how: "exit" | "SIGKILL",
): Promise<void> {
  const end = how === "exit" ? `ovs-appctl --timeout=10 -t ${daemon} exit` : "kill -KILL $pid";
  await shell(
    hypervisor,
    `pid=$(cat /run/openvswitch/${daemon}.pid); ${end}; while kill -0 $pid 2>/dev/null; do sleep 0.01; done`,
  );
}

/** Has a daemon hang: it does nothing, and ends no connection. Disposing lets it go on. */
export async function holdDaemon(hypervisor: LabHypervisor, daemon: OpenVswitchDaemon): Promise<AsyncDisposable> {
  const signal = (name: "STOP" | "CONT"): Promise<string> =>
    shell(hypervisor, `kill -${name} $(cat /run/openvswitch/${daemon}.pid)`);
  await signal("STOP");
  return {
    [Symbol.asyncDispose]: async () => {
      await signal("CONT");
    },
  };
}

export async function startDaemon(hypervisor: LabHypervisor, daemon: OpenVswitchDaemon): Promise<void> {
  await (daemon === "ovs-vswitchd" ? startVswitchd(hypervisor) : startOvsdbServer(hypervisor));
}

/**
 * Starts ovs-vswitchd, which logs every OpenFlow message. br-phy has its address before: on a hypervisor with the kernel's
 * datapath the device outlives ovs-vswitchd, and a first attempt to connect from no address would cost a second.
 */
async function startVswitchd(hypervisor: LabHypervisor): Promise<void> {
  const log = `--log-file=${hypervisor.ovsLogFile} -vconsole:emer -vvconn:file:dbg`;
  await shell(
    hypervisor,
    `ip link show br-phy >/dev/null 2>&1 || ip tuntap add dev br-phy mode tap
     ip address replace ${hypervisor.address}/${prefixLength} dev br-phy
     ip link set br-phy up
     ovs-vswitchd unix:${socket} --detach --pidfile=/run/openvswitch/ovs-vswitchd.pid ${log}
     ovs-appctl --timeout=10 vlog/disable-rate-limit vconn`,
  );
}

async function startOvsdbServer(hypervisor: LabHypervisor): Promise<void> {
  const remotes = [`punix:${socket}`, `ptcp:${hypervisor.ovsdbPort}`, "db:Open_vSwitch,Open_vSwitch,manager_options"];
  const file = databaseFile(hypervisor);
  const log = `--log-file=${path.join(path.dirname(file), "ovsdb-server.log")} -vconsole:emer`;
  await shell(
    hypervisor,
    `ovsdb-server ${file} ${remotes.map((remote) => `--remote=${remote}`).join(" ")} --detach \\
       --pidfile=/run/openvswitch/ovsdb-server.pid ${log}`,
  );
}

/**
 * Restarts ovs-vswitchd as `ovs-ctl restart` does: ovs-save keeps the flows, flow-restore-wait keeps packets and
 * controllers waiting until they are back.
 */
export async function restartKeepingFlows(hypervisor: LabHypervisor): Promise<void> {
  const script = "/run/openvswitch/saved-flows.sh";
  const bridges = (await hypervisor.vsctl("list-br")).trim().split("\n").join(" ");
  await shell(hypervisor, `/usr/share/openvswitch/scripts/ovs-save save-flows ${bridges} >${script}`);
  await endDaemon(hypervisor, "ovs-vswitchd", "exit");
  await shell(hypervisor, "ovs-vsctl --no-wait set Open_vSwitch . other_config:flow-restore-wait=true");
  await startVswitchd(hypervisor);
  await shell(hypervisor, `sh ${script} && ovs-vsctl --no-wait remove Open_vSwitch . other_config flow-restore-wait`);
}

/** Runs a script in the hypervisor, which must succeed in each of its commands. @throws LAB__COMMAND_FAILED */
export async function shell(hypervisor: LabHypervisor, script: string): Promise<string> {
  return requireSuccess(`${hypervisor.name}: ${script}`, await hypervisor.run("sh", ["-ec", script]));
}
