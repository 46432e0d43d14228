import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { startOvsdbDaemon } from "../ovsdb-server/daemon.ts";

const run = promisify(execFile);
const programs = [
  "/usr/sbin/ovsdb-server",
  "/usr/sbin/ovs-vswitchd",
  "/usr/bin/ovs-ofctl",
  "/usr/share/openvswitch/vswitch.ovsschema",
];

/** What tests with a real Open vSwitch miss here; undefined where they can run. */
export const missingOpenVSwitch: string | undefined = programs.find((file) => !existsSync(file));

/** A real Open vSwitch with a bridge br0, whose datapath and ports are dummies. Needs no privileges. */
export interface OpenVSwitch extends AsyncDisposable {
  /** Where br0 takes OpenFlow connections: `unix:…`, as ovs-ofctl has it. */
  readonly management: string;
  /** Runs `ovs-vsctl`. */
  vsctl(...args: readonly string[]): Promise<string>;
  /** Runs `ovs-ofctl -O OpenFlow13 <command> br0 …`. */
  ofctl(command: string, ...args: readonly string[]): Promise<string>;
  /** As `ofctl`, with a file of `lines` as the last argument. */
  ofctlFile(command: string, lines: readonly string[]): Promise<string>;
  /** Runs `ovs-appctl` against ovs-vswitchd. */
  appctl(...args: readonly string[]): Promise<string>;
}

/**
 * Starts the daemons, and adds br0 with `ports` dummy ports p1, p2, … numbered from 1. It drops what no flow matches.
 */
export async function startOpenVSwitch(ports: number): Promise<OpenVSwitch> {
  const daemon = await startOvsdbDaemon({ vswitchd: true });
  const folder = path.dirname(daemon.remote.slice("unix:".length));
  const addPorts = Array.from({ length: ports }, (_, index) => index + 1).flatMap((number) => [
    ...[
      "--",
      "add-port",
      "br0",
      `p${number}`,
      "--",
      "set",
      "Interface",
      `p${number}`,
      "type=dummy",
      `ofport_request=${number}`,
    ],
  ]);
  await daemon.vsctl(
    "add-br",
    "br0",
    "--",
    "set",
    "bridge",
    "br0",
    "datapath_type=dummy",
    "protocols=OpenFlow13",
    "fail_mode=secure",
    ...addPorts,
  );
  const management = `unix:${path.join(folder, "br0.mgmt")}`;
  const ofctl = async (command: string, ...args: readonly string[]): Promise<string> => {
    return output("ovs-ofctl", "-O", "OpenFlow13", command, management, ...args);
  };
  return {
    management,
    vsctl: (...args) => daemon.vsctl(...args),
    ofctl,
    async ofctlFile(command, lines) {
      const file = path.join(folder, "lines");
      await writeFile(file, lines.join("\n"));
      return ofctl(command, file);
    },
    appctl: (...args) => output("ovs-appctl", "-t", path.join(folder, "vswitchd.ctl"), ...args),
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}

async function output(command: string, ...args: readonly string[]): Promise<string> {
  return (await run(command, args, { maxBuffer: 1 << 28 })).stdout;
}
