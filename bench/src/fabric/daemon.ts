/** A program that runs for as long as it is needed, and never longer than we do. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { LoomstackError } from "@loomstack/core";

const searchPath = "/usr/sbin:/usr/bin:/sbin:/bin";
const shownOutput = 2_000;

export interface Daemon extends AsyncDisposable {
  readonly pid: number;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

export interface DaemonOptions {
  /** Where it has its sockets and files. */
  readonly folder: string;
  readonly program: string;
  readonly args: readonly string[];
  /** What it writes on standard error when it can be used; default: it isn't waited for. */
  readonly ready?: RegExp;
}

/** @throws LAB__DAEMON_ENDED when it ends instead of becoming ready */
export async function startDaemon(options: DaemonOptions): Promise<Daemon & { readonly announced: string }> {
  const { folder, program, args, ready } = options;
  const env = { PATH: searchPath, OVS_RUNDIR: folder, OVS_LOGDIR: folder, OVN_RUNDIR: folder, OVN_LOGDIR: folder };
  // The kernel ends it when we are gone, also after a kill -9.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", program, ...args], {
    env,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  // That it couldn't be started is heard of below.
  const ended = once(child, "close").catch(() => undefined);
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    child.stderr.resume();
    await ended;
  };
  const announced = ready === undefined ? "" : await announcement(child, program, ready);
  child.stderr.resume();
  return { pid: child.pid ?? 0, announced, kill, [Symbol.asyncDispose]: kill };
}

/** What the first group of `ready` took of standard error. */
function announcement(child: ChildProcess, program: string, ready: RegExp): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let output = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-shownOutput);
    const found = ready.exec(output);
    if (found !== null) resolve(found[1] ?? "");
  });
  child.once("error", reject);
  child.once("close", (status: number | null) =>
    reject(
      new LoomstackError("LAB__DAEMON_ENDED", {
        daemon: program,
        hypervisor: "this machine",
        status: status ?? "a signal",
        output,
      }),
    ),
  );
  return promise.finally(() => child.stderr?.removeAllListeners("data"));
}

/** Starts ovsdb-server on a new database, or on the one that is in the folder already; gives its TCP port. */
export async function startOvsdbServer(folder: string, name: string, port = 0): Promise<Daemon & { port: number }> {
  const daemon = await startDaemon({
    folder,
    program: "ovsdb-server",
    args: [
      ...["--no-chdir", "-vconsole:info", "-vfile:off"],
      ...[`--unixctl=${folder}/${name}.ctl`, `--remote=punix:${folder}/${name}.sock`],
      ...[`--remote=ptcp:${port}:127.0.0.1`, `${folder}/${name}.db`],
    ],
    ready: port === 0 ? /listening on port (\d+)[^]*ovsdb-server \(Open/ : /ovsdb-server \(Open vSwitch\)/,
  });
  return { ...daemon, port: port === 0 ? Number(daemon.announced) : port };
}
