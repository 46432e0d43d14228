/**
 * libvirtd of one hypervisor: its own configuration, state and sockets; it starts QEMU directly, without systemd, D-Bus
 * or virtlogd.
 */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import type { HypervisorContext } from "./hypervisor-context.ts";
import type { MachineMount } from "./machine.ts";
import { runCommand } from "./process.ts";

const folders = [
  { name: "etc-libvirt", to: "/etc/libvirt" },
  { name: "var-lib-libvirt", to: "/var/lib/libvirt" },
  { name: "var-log-libvirt", to: "/var/log/libvirt" },
  { name: "var-cache-libvirt", to: "/var/cache/libvirt" },
] as const;

// Without distinct host_uuids libvirt refuses to migrate between two hypervisors of one machine.
const daemonConfiguration = (hostUuid: string): string =>
  `auth_unix_rw = "none"\nauth_unix_ro = "none"\nhost_uuid = "${hostUuid}"\n`;

const qemuConfiguration = `user = "root"
group = "root"
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
remember_owner = 0
`;

/** Makes libvirt's folders on the hypervisor's disk where they are missing, and says where they are mounted. */
export async function prepareLibvirtFolders(disk: string): Promise<readonly MachineMount[]> {
  for (const { name } of folders) await mkdir(`${disk}/${name}`, { recursive: true });
  const configuration = `${disk}/etc-libvirt/libvirtd.conf`;
  if (!existsSync(configuration)) await writeFile(configuration, daemonConfiguration(randomUUID()));
  await writeFile(`${disk}/etc-libvirt/qemu.conf`, qemuConfiguration);
  return folders.map(({ name, to }) => ({ from: `${disk}/${name}`, to }));
}

/** The URI that reaches the libvirtd whose machine has `run` as its /run, from every mount namespace of the lab. */
export function libvirtUriOf(run: string): string {
  return `qemu+unix:///system?socket=${run}/libvirt/libvirt-sock`;
}

/** Starts libvirtd and waits until it answers. @throws LAB__DAEMON_ENDED, LAB__TIMEOUT */
export async function startLibvirtd(context: HypervisorContext, run: string): Promise<void> {
  await context.require("mkdir", ["-p", "/run/libvirt", "/run/lock"]);
  const libvirtd = context.startDaemon("libvirtd", [
    "--pid-file",
    "/run/libvirtd.pid",
    "--config",
    "/etc/libvirt/libvirtd.conf",
  ]);
  const socket = `${run}/libvirt/libvirt-sock`;
  await context.untilReady(libvirtd, async () => {
    if (!existsSync(socket)) return false;
    return (await runCommand("virsh", ["-c", libvirtUriOf(run), "uri"])).exitCode === 0;
  });
}
