/**
 * A guest that is only a network namespace on a hypervisor: for tests that need many. Open vSwitch sees what it sees of
 * a virtual machine.
 */
import type { LabHypervisor } from "./hypervisor.ts";
import { type CommandOptions, type CommandResult, requireSuccess } from "./process.ts";

export interface LightGuestOptions {
  /** Becomes Interface.external_ids:iface-id, as libvirt writes it. */
  readonly portId: string;
  readonly mac: string;
  /** With prefix length, such as 192.0.2.10/24; absent: it has to get its own. */
  readonly address?: string;
  /** An Open vSwitch bridge that exists, such as br-int. */
  readonly bridge: string;
  /** 1450 unless told: what VXLAN leaves of an underlay of 1500. */
  readonly mtu?: number;
}

export interface LightGuest extends AsyncDisposable {
  /** The name of its interface on the hypervisor. */
  readonly device: string;
  /** Runs a command in the guest, whatever its exit code. */
  run(command: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
}

/** @throws LAB__COMMAND_FAILED such as when there is no such bridge; nothing of the guest is left then */
export async function createLightGuest(hypervisor: LabHypervisor, options: LightGuestOptions): Promise<LightGuest> {
  const { portId, mac, address, bridge, mtu = 1450 } = options;
  // As OpenStack names taps: an interface's name has at most 15 characters.
  const device = `tap${portId.slice(0, 11)}`;
  const namespace = `guest-${portId.slice(0, 11)}`;
  const run: LightGuest["run"] = (command, args, commandOptions) => {
    return hypervisor.run("ip", ["netns", "exec", namespace, command, ...args], commandOptions);
  };
  const ip = async (...args: string[]): Promise<string> =>
    requireSuccess(`ip ${args.join(" ")}`, await hypervisor.run("ip", args));
  const remove = async (): Promise<void> => {
    await hypervisor.vsctl("--if-exists", "del-port", device);
    await hypervisor.run("sh", [
      "-c",
      'ip netns pids "$1" | xargs -r kill -9; ip netns delete "$1"; ip link delete "$2"',
      "sh",
      namespace,
      device,
    ]);
  };
  try {
    await ip("netns", "add", namespace);
    await ip(
      "link",
      "add",
      device,
      "mtu",
      String(mtu),
      "type",
      "veth",
      "peer",
      "name",
      "eth0",
      "address",
      mac,
      "mtu",
      String(mtu),
      "netns",
      namespace,
    );
    if (address !== undefined) await ip("-n", namespace, "address", "add", address, "broadcast", "+", "dev", "eth0");
    // The userspace datapath reads raw packets: a checksum that is left to hardware would never be filled in.
    requireSuccess("ethtool", await run("ethtool", ["-K", "eth0", "tx", "off"]));
    requireSuccess("ethtool", await hypervisor.run("ethtool", ["-K", device, "tx", "off"]));
    for (const link of ["lo", "eth0"]) await ip("-n", namespace, "link", "set", link, "up");
    await ip("link", "set", device, "up");
    const identity = [
      `external_ids:iface-id=${portId}`,
      `external_ids:attached-mac="${mac}"`,
      "external_ids:iface-status=active",
    ];
    await hypervisor.vsctl("add-port", bridge, device, "--", "set", "Interface", device, ...identity);
  } catch (error) {
    await remove();
    throw error;
  }
  return { device, run, [Symbol.asyncDispose]: remove };
}
