/** What the tests of this package share: a hypervisor's Open vSwitch that can be killed and started again. */
import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { promisify } from "node:util";
import { LoomstackError, type TlsIdentity } from "@loomstack/core";

const run = promisify(execFile);
const searchPath = "/usr/sbin:/usr/bin:/sbin:/bin";

/** ovsdb-server on a TCP port and ovs-vswitchd with dummy datapaths: nothing of the machine's network is touched. */
export interface OpenVSwitchUnderTest extends AsyncDisposable {
  /** TCP port of ovsdb-server; the same after a restart. */
  readonly port: number;
  /** Runs ovs-vsctl; waits for ovs-vswitchd only where `--no-wait` isn't among the arguments. */
  vsctl(...args: readonly string[]): Promise<string>;
  /** All of the database, as `ovsdb-client dump` tells it: a line of JSON for each table. */
  dump(): Promise<string>;
  /** Runs `ovs-ofctl -O OpenFlow13 <command> <bridge> …`. */
  ofctl(command: string, bridge: string, ...args: readonly string[]): Promise<string>;
  /** Runs ovs-appctl against ovs-vswitchd. */
  appctl(...args: readonly string[]): Promise<string>;
  /** The flows of a bridge as text, without what changes by itself. */
  flows(bridge: string): Promise<string[]>;
  killSwitch(): Promise<void>;
  startSwitch(): void;
  /** Has ovs-vswitchd hang: it does nothing, and ends no connection. Disposing lets it go on. */
  hangSwitch(): Disposable;
  /** The same of ovsdb-server. */
  hangDatabase(): Disposable;
  killDatabase(): Promise<void>;
  startDatabase(): Promise<void>;
  /** Starts ovsdb-server on another port, as if its machine had got another address; gives the port. */
  startDatabaseElsewhere(): Promise<number>;
}

export interface OpenVSwitchOptions {
  readonly systemId: string;
  /** `other_config:local_ip` */
  readonly tunnelEndpoint: string;
  /** The files of its identity: with them it speaks TLS, and nothing else. */
  readonly tls?: TlsIdentity;
  /** Whether tunnel ports are those of the userspace datapath, which it may refuse; default: dummies, too. */
  readonly hasRealTunnels?: boolean;
}

export async function startOpenVSwitchUnderTest(options: OpenVSwitchOptions): Promise<OpenVSwitchUnderTest> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "loomstack-fabric-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  await run("ovsdb-tool", ["create", join(folder, "conf.db"), "/usr/share/openvswitch/vswitch.ovsschema"]);
  const socket = join(folder, "db.sock");
  let database = await startDatabase(folder, 0, options.tls);
  starting.defer(() => database.kill());
  const vsctl = async (...args: readonly string[]): Promise<string> =>
    (await run("ovs-vsctl", [`--db=unix:${socket}`, "--timeout=20", "--retry", ...args])).stdout.trim();
  const { systemId, tunnelEndpoint } = options;
  const identity = [`external_ids:system-id=${systemId}`, `other_config:local_ip=${tunnelEndpoint}`];
  await vsctl("--no-wait", "init", "--", "set", "Open_vSwitch", ".", ...identity);
  if (options.tls !== undefined) await vsctl("--no-wait", "set-ssl", options.tls.key, options.tls.cert, options.tls.ca);
  const newSwitch = (): Daemon => startSwitch(folder, options.hasRealTunnels ?? false);
  let vswitchd = newSwitch();
  starting.defer(() => vswitchd.kill());
  const running = starting.move();
  const ofctl = async (command: string, bridge: string, ...args: readonly string[]): Promise<string> =>
    (await run("ovs-ofctl", ["-O", "OpenFlow13", command, `unix:${join(folder, bridge)}.mgmt`, ...args])).stdout;
  return {
    port: database.port,
    vsctl,
    ofctl,
    dump: async () => (await run("ovsdb-client", ["--format=json", "dump", `unix:${socket}`, "Open_vSwitch"])).stdout,
    appctl: async (...args) => (await run("ovs-appctl", ["-t", join(folder, "vswitchd.ctl"), ...args])).stdout,
    flows: async (bridge) =>
      (await ofctl("dump-flows", bridge, "--no-stats"))
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line.includes("actions=")),
    killSwitch: () => vswitchd.kill(),
    startSwitch: () => void (vswitchd = newSwitch()),
    hangSwitch: () => vswitchd.hang(),
    hangDatabase: () => database.hang(),
    killDatabase: () => database.kill(),
    startDatabaseElsewhere: async () => (database = await startDatabase(folder, 0, options.tls)).port,
    startDatabase: async () => void (database = await startDatabase(folder, database.port, options.tls)),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

interface Daemon {
  hang(): Disposable;
  kill(): Promise<void>;
}

/** Runs a program as long as this process lives; kills it as a crash would. Its shell reads the signals that it is to get. */
function start(folder: string, program: string, args: readonly string[]): Daemon & { readonly output: Readable } {
  const child: ChildProcessByStdio<Writable, null, Readable> = spawn(
    "sh",
    ["-c", '"$@" & while read -r signal; do kill -$signal $!; done; kill -KILL $!; wait $!', "sh", program, ...args],
    { env: { PATH: searchPath, OVS_RUNDIR: folder, OVS_LOGDIR: folder }, stdio: ["pipe", "ignore", "pipe"] },
  );
  const ended = once(child, "close");
  return {
    output: child.stderr,
    hang() {
      child.stdin.write("STOP\n");
      return { [Symbol.dispose]: () => void child.stdin.write("CONT\n") };
    },
    async kill() {
      child.stdin.end();
      child.stderr.resume();
      await ended;
    },
  };
}

async function startDatabase(
  folder: string,
  port: number,
  tls: TlsIdentity | undefined,
): Promise<Daemon & { readonly port: number }> {
  // As ovs-ctl(8) starts it: what set-ssl says.
  const identity = [
    "--private-key=db:Open_vSwitch,SSL,private_key",
    "--certificate=db:Open_vSwitch,SSL,certificate",
    "--ca-cert=db:Open_vSwitch,SSL,ca_cert",
  ];
  await rm(join(folder, "db.sock"), { force: true });
  const daemon = start(folder, "ovsdb-server", [
    "--no-chdir",
    "-vconsole:info",
    `--unixctl=${join(folder, "ovsdb.ctl")}`,
    `--remote=punix:${join(folder, "db.sock")}`,
    // As ovs-ctl(8) starts it: what set-manager says.
    "--remote=db:Open_vSwitch,Open_vSwitch,manager_options",
    `--remote=${tls === undefined ? "ptcp" : "pssl"}:${port}:127.0.0.1`,
    ...identity,
    join(folder, "conf.db"),
  ]);
  let log = "";
  for await (const chunk of daemon.output.iterator({ destroyOnReturn: false })) {
    log += String(chunk);
    const found = /listening on port (\d+)/.exec(log)?.[1];
    if (found !== undefined) {
      daemon.output.resume();
      return { ...daemon, port: Number(found) };
    }
    if (port !== 0 && /ovsdb-server \(Open vSwitch\)/.test(log)) {
      daemon.output.resume();
      return { ...daemon, port };
    }
  }
  throw new LoomstackError("CORE__UNREACHABLE", { what: `ovsdb-server did not start: ${log}` });
}

function startSwitch(folder: string, hasRealTunnels: boolean): Daemon {
  const daemon = start(folder, "ovs-vswitchd", [
    `--enable-dummy=${hasRealTunnels ? "system" : "override"}`,
    "--disable-system",
    "--no-chdir",
    "-vconsole:off",
    `--unixctl=${join(folder, "vswitchd.ctl")}`,
    `unix:${join(folder, "db.sock")}`,
  ]);
  daemon.output.resume();
  return daemon;
}
