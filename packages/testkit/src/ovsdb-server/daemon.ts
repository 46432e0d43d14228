import { type ChildProcess, type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LoomstackError } from "@loomstack/core";
import { type Relay, startRelay } from "./relay.ts";

const run = promisify(execFile);

const schemaFile = "/usr/share/openvswitch/vswitch.ovsschema";

export interface OvsdbDaemonOptions {
  /** Also listen on a TCP port, or on one with TLS; default: the unix socket only. */
  readonly listen?: "tcp" | "ssl";
  /** PEM files for `ssl`. */
  readonly tlsFiles?: { readonly key: string; readonly cert: string; readonly ca: string };
  /** Run ovs-vswitchd with dummy datapaths too: nothing of the machine's network is touched. */
  readonly vswitchd?: boolean;
  /** Default: that of Open vSwitch. */
  readonly schemaFile?: string;
  /**
   * A cluster of one server, without ovs-vswitchd. Only clustered databases remember transactions, for
   * monitor_cond_since.
   */
  readonly clustered?: boolean;
}

/** A real ovsdb-server with a database of its own in a folder of its own. */
export interface OvsdbDaemon extends AsyncDisposable {
  /** Where the sockets of the daemons are. */
  readonly folder: string;
  /** `unix:…` */
  readonly remote: string;
  /** `tcp:127.0.0.1:…` or `ssl:127.0.0.1:…`; undefined unless asked for. */
  readonly networkRemote: string | undefined;
  /** Stands before the unix socket: `relay.remote` is another way to the server. */
  readonly relay: Relay;
  /** Runs ovs-vsctl and gives what it prints. */
  vsctl(...args: readonly string[]): Promise<string>;
  /** Runs ovs-appctl on ovsdb-server and gives what it prints. */
  appctl(...args: readonly string[]): Promise<string>;
  /** Ends ovsdb-server at once, as a crash would. */
  kill(): Promise<void>;
  /** SIGSTOP: it keeps its connections and answers nothing. */
  freeze(): void;
}

/** Starts the daemons; resolves when they accept connections. They end with this process, however it ends. */
export async function startOvsdbDaemon(options: OvsdbDaemonOptions = {}): Promise<OvsdbDaemon> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "loomstack-ovsdb-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const database = join(folder, "conf.db");
  const remote = `unix:${join(folder, "db.sock")}`;
  const schema = options.schemaFile ?? schemaFile;
  const creation =
    options.clustered === true
      ? ["create-cluster", database, schema, `unix:${folder}/raft.sock`]
      : ["create", database, schema];
  await run("ovsdb-tool", creation);
  const server = spawnServer(folder, database, options);
  // Both streams end only when all processes that were started have ended.
  const ended = once(server, "close");
  starting.defer(async () => {
    server.kill("SIGCONT");
    server.stdin.end();
    if (options.clustered === true) server.kill("SIGKILL");
    await ended;
  });
  const { stdout: name } = await run("ovsdb-tool", ["schema-name", schema]);
  const port = await readiness(server, options.clustered === true ? [remote, name.trim()] : undefined);
  const relay = starting.use(await startRelay(remote));
  const running = starting.move();

  return {
    folder,
    remote,
    networkRemote: options.listen === undefined ? undefined : `${options.listen}:127.0.0.1:${port}`,
    relay,
    async vsctl(...args) {
      const wait = options.vswitchd === true ? [] : ["--no-wait"];
      const { stdout } = await run("ovs-vsctl", [`--db=${remote}`, "--timeout=20", ...wait, ...args]);
      return stdout.trim();
    },
    async appctl(...args) {
      const { stdout } = await run("ovs-appctl", ["-t", join(folder, "ovsdb.ctl"), ...args]);
      return stdout.trim();
    },
    async kill() {
      const exited = once(server, "exit");
      server.kill("SIGKILL");
      await exited;
    },
    freeze: () => void server.kill("SIGSTOP"),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** A clustered server can't run the script that ends it with us; there the kernel does. */
function spawnServer(folder: string, database: string, options: OvsdbDaemonOptions): ChildProcessWithoutNullStreams {
  const [first, ...rest] = [
    ...(options.clustered === true ? ["setpriv", "--pdeathsig", "KILL"] : []),
    "ovsdb-server",
    ...serverArguments(folder, options),
    database,
  ];
  const env = { ...process.env, OVS_RUNDIR: folder, OVS_LOGDIR: folder };
  return spawn(first, rest, { env, stdio: ["pipe", "pipe", "pipe"] });
}

/** The server runs as long as the shell below, and that as long as its standard input, which is ours, is open. */
function serverArguments(folder: string, { listen, tlsFiles, vswitchd, clustered }: OvsdbDaemonOptions): string[] {
  const switchOptions = "--enable-dummy=override --disable-system --no-chdir -vconsole:off --pidfile";
  const switchCommand = `ovs-vswitchd ${switchOptions} --unixctl="${folder}/vswitchd.ctl" "unix:${folder}/db.sock"`;
  const script = vswitchd === true ? `${switchCommand} & echo ready; cat; kill -KILL $!` : "echo ready; exec cat";
  return [
    "--no-chdir",
    "-vconsole:info",
    `--unixctl=${join(folder, "ovsdb.ctl")}`,
    `--remote=punix:${join(folder, "db.sock")}`,
    ...(listen === undefined ? [] : [`--remote=p${listen}:0:127.0.0.1`]),
    ...(tlsFiles === undefined
      ? []
      : [`--private-key=${tlsFiles.key}`, `--certificate=${tlsFiles.cert}`, `--ca-cert=${tlsFiles.ca}`]),
    ...(clustered === true ? [] : [`--run=${script}`]),
  ];
}

/**
 * Waits until the server says that it is ready; gives its port.
 *
 * @param cluster where a clustered server is asked for that instead, and of which database
 */
async function readiness(server: ChildProcess, cluster: readonly [string, string] | undefined): Promise<string> {
  let log = "";
  server.stderr?.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-100_000)));
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.stdout?.once("data", () => resolve(undefined));
  if (cluster !== undefined) {
    run("ovsdb-client", ["--timeout=20", "wait", ...cluster, "connected"]).then(() => resolve(undefined), reject);
  }
  server.once("error", reject);
  server.once("exit", () =>
    reject(new LoomstackError("OVSDB__CONNECT_FAILED", { remote: "ovsdb-server", reason: `it ended: ${log}` })),
  );
  await promise;
  return /listening on port (\d+)/.exec(log)?.[1] ?? "";
}
