/** The network that joins the hypervisors and the controller: a Linux bridge in the lab's main network namespace. */
import { requireCommand, runCommand } from "./process.ts";

const bridge = "underlay";

export const underlay = {
  bridge,
  /** Of the lab's main network namespace. */
  controllerAddress: "10.9.0.254",
  prefixLength: 24,
  mtu: 1500,
  /** The address of hypervisor `number` (1..253). */
  hypervisorAddress: (number: number): string => `10.9.0.${number}`,
} as const;

/** Makes the bridge; disposing removes it. @throws LAB__COMMAND_FAILED */
export async function createUnderlay(): Promise<AsyncDisposable> {
  await ip("link", "add", bridge, "type", "bridge");
  await ip("address", "add", `${underlay.controllerAddress}/${underlay.prefixLength}`, "dev", bridge);
  await checksumInSoftware(bridge);
  await ip("link", "set", bridge, "up");
  return { [Symbol.asyncDispose]: () => removeLink(bridge) };
}

/**
 * Plugs a cable: `eth0` in the network namespace of `pid`, its other end in the bridge. Pulling it removes both ends.
 */
export async function plugCable(number: number, pid: number): Promise<AsyncDisposable> {
  const outer = `hv${number}`;
  const mac = `02:10:09:00:00:${number.toString(16).padStart(2, "0")}`;
  await ip(
    "link",
    "add",
    outer,
    "mtu",
    String(underlay.mtu),
    "type",
    "veth",
    "peer",
    "name",
    "eth0",
    "address",
    mac,
    "netns",
    String(pid),
  );
  const pull = (): Promise<void> => removeLink(outer);
  try {
    await checksumInSoftware(outer);
    await ip("link", "set", outer, "master", bridge, "up");
  } catch (error) {
    await pull();
    throw error;
  }
  return { [Symbol.asyncDispose]: pull };
}

/** Whether the underlay carries packets between a hypervisor and others that are cut off; the controller it reaches. */
export async function cutOff(number: number, isCutOff: boolean): Promise<void> {
  await ip("link", "set", "dev", `hv${number}`, "type", "bridge_slave", "isolated", isCutOff ? "on" : "off");
}

/** The userspace datapath reads raw packets: a checksum that is left to hardware would never be filled in. */
async function checksumInSoftware(device: string): Promise<void> {
  await requireCommand("ethtool", ["-K", device, "tx", "off"]);
}

/** A link that is gone already is fine: it goes with the network namespace of either of its ends. */
async function removeLink(name: string): Promise<void> {
  await runCommand("ip", ["link", "delete", name]);
}

async function ip(...args: string[]): Promise<void> {
  await requireCommand("ip", args);
}
