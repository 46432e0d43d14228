/** The Debian packages of the lab: Open vSwitch, libvirt, QEMU, what makes namespaces, and clients that others wrote. */
import { existsSync, readFileSync } from "node:fs";
import { installPackages } from "./apt.mjs";
import { findProgram } from "./places.mjs";
import { canInstallPackages } from "./system.mjs";

const has =
  (...programs) =>
  () =>
    programs.every((program) => findProgram(program) !== undefined);

/** Package by package, how to see that what we need of it is there; so other systems' packages are fine too. */
const packages = {
  "openvswitch-switch": () =>
    has("ovsdb-server", "ovsdb-tool", "ovs-vswitchd", "ovs-vsctl")() &&
    existsSync("/usr/share/openvswitch/vswitch.ovsschema"),
  "python3-keystonemiddleware": () =>
    existsSync("/usr/lib/python3/dist-packages/keystonemiddleware/auth_token/__init__.py"),
  "python3-openstackclient": has("openstack"),
  "python3-openvswitch": () => existsSync("/usr/lib/python3/dist-packages/ovs/db/idl.py"),
  "qemu-system-x86": has("qemu-system-x86_64"),
  "libvirt-daemon": has("libvirtd"),
  "libvirt-daemon-driver-qemu": hasLibvirtQemuDriver,
  "libvirt-daemon-system": () =>
    ["/etc/libvirt", "/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt"].every((folder) =>
      existsSync(folder),
    ),
  "libvirt-clients": has("virsh"),
  "busybox-static": hasStaticBusybox,
  iproute2: has("ip"),
  ethtool: has("ethtool"),
  "iputils-ping": has("ping"),
  "isc-dhcp-client": has("dhclient"),
  iperf3: has("iperf3"),
  "util-linux": has("unshare", "nsenter", "setpriv"),
  mount: has("mount"),
  procps: has("ps"),
  "libc-bin": has("ldd"),
};

export const debianPackages = {
  title: "Debian packages",

  detail: () => missingPackages().join(" "),

  isThere: () => missingPackages().length === 0,

  canBring: () => canInstallPackages,

  byHand: () => [
    `Debian packages, or what is the same on your system:\napt-get install --no-install-recommends ${missingPackages().join(" ")}`,
  ],

  bring: (run) => installPackages(run, missingPackages()),
};

function missingPackages() {
  return Object.entries(packages).flatMap(([name, isThere]) => (isThere() ? [] : [name]));
}

function hasLibvirtQemuDriver() {
  const folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"];
  return folders.some((folder) => existsSync(`${folder}/libvirt/connection-driver/libvirt_driver_qemu.so`));
}

/** The guests have no shared libraries for it: a busybox that names a dynamic loader won't do. */
function hasStaticBusybox() {
  const program = findProgram("busybox");
  return program !== undefined && !readFileSync(program).includes("/ld-linux");
}
