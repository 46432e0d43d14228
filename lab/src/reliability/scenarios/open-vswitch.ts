import { setTimeout as pause } from "node:timers/promises";
import {
  endDaemon,
  holdDaemon,
  type OpenVswitchDaemon,
  restartKeepingFlows,
  startDaemon,
} from "../open-vswitch-daemons.ts";
import { plain, type Scenario } from "../scenario.ts";

export const switchRestarted = restart("ovs-vswitchd", "exit");
export const switchKilled = restart("ovs-vswitchd", "SIGKILL");
export const databaseRestarted = restart("ovsdb-server", "exit");
export const databaseKilled = restart("ovsdb-server", "SIGKILL");
export const switchHung = hang("ovs-vswitchd", 20);
export const databaseHung = hang("ovsdb-server", 20);

export const switchRestartedKeepingFlows = plain(
  {
    name: "ovs-vswitchd-ovs-ctl",
    title: "ovs-vswitchd restarted as `ovs-ctl restart` does (flows saved and restored)",
    forwards: false,
  },
  async ({ hypervisor }) => restartKeepingFlows(hypervisor),
);

function hang(daemon: OpenVswitchDaemon, seconds: number): Scenario {
  return {
    name: `${daemon}-hang`,
    title: `${daemon} hangs for ${seconds} s (SIGSTOP, SIGCONT)`,
    forwards: forwardsWithout(daemon),
    // The hypervisor's address is behind ovs-vswitchd: with it the database falls silent, too.
    says: /echo requests unanswered|has said nothing/,
    async stage({ hypervisor }) {
      // The lab's own is a child of nsenter, which stops when it does and doesn't go on when it does.
      await endDaemon(hypervisor, daemon, "exit");
      await startDaemon(hypervisor, daemon);
      return {
        async act() {
          await using _held = await holdDaemon(hypervisor, daemon);
          await pause(seconds * 1000);
        },
      };
    },
  };
}

/** The userspace datapath and all flows are a part of ovs-vswitchd. */
function forwardsWithout(daemon: OpenVswitchDaemon): boolean {
  return daemon !== "ovs-vswitchd";
}

function restart(daemon: OpenVswitchDaemon, how: "exit" | "SIGKILL"): Scenario {
  return plain(
    {
      name: `${daemon}-${how === "exit" ? "restart" : "kill"}`,
      title: `${daemon} ${how === "exit" ? "stopped and started" : "killed (-9) and started"}`,
      forwards: forwardsWithout(daemon),
    },
    async ({ hypervisor }) => {
      await endDaemon(hypervisor, daemon, how);
      await startDaemon(hypervisor, daemon);
    },
  );
}
