/** A hypervisor's Open vSwitch: real daemons with the dummy datapath, in a folder of their own. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { mkdir } from "node:fs/promises";
import { type Daemon, startDaemon, startOvsdbServer } from "./daemon.ts";
import { connectTo, type Hypervisor } from "./hypervisor.ts";

const run = promisify(execFile);
const schemaFile = "/usr/share/openvswitch/vswitch.ovsschema";
const maxOutputBytes = 1 << 28;

export interface OpenVSwitch extends Hypervisor, AsyncDisposable {
  readonly folder: string;
  readonly vswitchd: Daemon;
  /** Runs ovs-vsctl, which waits until ovs-vswitchd has done it. */
  vsctl(...args: readonly string[]): Promise<string>;
  /** Runs `ovs-ofctl -O OpenFlow13 <command> <bridge> …`. */
  ofctl(command: string, bridge: string, ...args: readonly string[]): Promise<string>;
}

/**
 * Starts the daemons of one hypervisor.
 *
 * @param parent the folder in which they get theirs
 * @param settings of its Open_vSwitch row, as ovs-vsctl takes them
 */
export async function startOpenVSwitch(
  parent: string,
  index: number,
  settings: readonly string[],
): Promise<OpenVSwitch> {
  await using starting = new AsyncDisposableStack();
  const folder = join(parent, index.toString());
  await mkdir(folder);
  await run("ovsdb-tool", ["create", `${folder}/db.db`, schemaFile]);
  const database = starting.use(await startOvsdbServer(folder, "db"));
  const vsctl = async (...args: readonly string[]): Promise<string> =>
    (await run("ovs-vsctl", [`--db=unix:${folder}/db.sock`, "--timeout=60", ...args])).stdout;
  await vsctl("--no-wait", "init", ...(settings.length === 0 ? [] : ["--", "set", "Open_vSwitch", ".", ...settings]));
  const vswitchd = starting.use(
    await startDaemon({
      folder,
      program: "ovs-vswitchd",
      args: [
        ...["--enable-dummy=system", "--no-chdir", "-vconsole:off", "-vfile:off"],
        ...[`--unixctl=${folder}/vswitchd.ctl`, `unix:${folder}/db.sock`],
      ],
    }),
  );
  const client = starting.use(await connectTo(database.port));
  const running = starting.move();
  return {
    ...{ index, folder, port: database.port, client, vswitchd, vsctl },
    ofctl: async (command, bridge, ...args) => {
      const target = `unix:${folder}/${bridge}.mgmt`;
      const options = { maxBuffer: maxOutputBytes };
      return (await run("ovs-ofctl", ["-O", "OpenFlow13", command, target, ...args], options)).stdout;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
