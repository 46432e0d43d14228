import { endDaemon, type OpenVswitchDaemon, restartKeepingFlows, startDaemon } from "../open-vswitch-daemons.ts";
import { plain, type Scenario } from "../scenario.ts";

export const switchRestarted = restart("ovs-vswitchd", "exit");
export const switchKilled = restart("ovs-vswitchd", "SIGKILL");
export const databaseRestarted = restart("ovsdb-server", "exit");
export const databaseKilled = restart("ovsdb-server", "SIGKILL");

export const switchRestartedKeepingFlows = plain(
  {
    name: "ovs-vswitchd-ovs-ctl",
    title: "ovs-vswitchd restarted as `ovs-ctl restart` does (flows saved and restored)",
    forwards: false,
  },
  async ({ hypervisor }) => restartKeepingFlows(hypervisor),
);

function restart(daemon: OpenVswitchDaemon, how: "exit" | "SIGKILL"): Scenario {
  const isSwitch = daemon === "ovs-vswitchd";
  return plain(
    {
      name: `${daemon}-${how === "exit" ? "restart" : "kill"}`,
      title: `${daemon} ${how === "exit" ? "stopped and started" : "killed (-9) and started"}`,
      // The userspace datapath and all flows are a part of ovs-vswitchd.
      forwards: !isSwitch,
    },
    async ({ hypervisor }) => {
      await endDaemon(hypervisor, daemon, how);
      await startDaemon(hypervisor, daemon);
    },
  );
}
