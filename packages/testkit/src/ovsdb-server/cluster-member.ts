import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { isLoomstackError, LoomstackError, silentLogger, systemClock } from "@loomstack/core";
import { connectOvsdb, serverDatabase, wait } from "@loomstack/ovsdb";
import { type Relay, startRelay } from "./relay.ts";

const run = promisify(execFile);

const statusLimitMs = 20_000;

/** What a server can say of its part in the cluster (columns of `Database`, ovsdb-server(5)). */
export interface MemberStatus {
  readonly connected?: boolean;
  readonly leader?: boolean;
}

export interface ClusterMemberOptions {
  /** What its files have in common, before the dot. */
  readonly path: string;
  readonly database: string;
  /** A file with its log, or `relay:<database>:<remotes>`. */
  readonly source: string;
}

/** An ovsdb-server of a cluster, or a relay of one. */
export class ClusterMember implements AsyncDisposable {
  /** `unix:…` */
  readonly remote: string;
  readonly relay: Relay;
  readonly #options: ClusterMemberOptions;
  #process: ChildProcess | undefined;
  /** Resolves when the process has gone, however it went. */
  #ended: Promise<unknown> = Promise.resolve();
  #isFrozen = false;

  private constructor(options: ClusterMemberOptions, relay: Relay) {
    this.#options = options;
    this.remote = `unix:${options.path}.sock`;
    this.relay = relay;
  }

  static async start(options: ClusterMemberOptions): Promise<ClusterMember> {
    const member = new ClusterMember(options, await startRelay(`unix:${options.path}.sock`));
    await member.run();
    return member;
  }

  get isRunning(): boolean {
    return this.#process !== undefined && !this.#isFrozen;
  }

  /** Starts the process; resolves when it listens. The kernel ends it with us. */
  async run(): Promise<void> {
    if (this.#process !== undefined) return;
    const { path, source } = this.#options;
    const files = [`--unixctl=${path}.ctl`, `--remote=punix:${path}.sock`, source];
    const command = ["--pdeathsig", "KILL", "ovsdb-server", "--no-chdir", "-vconsole:info", ...files];
    const process = spawn("setpriv", command, { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = process;
    this.#ended = once(process, "close");
    this.#isFrozen = false;
    await listening(process);
  }

  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    this.#process = undefined;
    await this.#ended;
  }

  freeze(): void {
    this.#isFrozen = true;
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#isFrozen = false;
    this.#process?.kill("SIGCONT");
  }

  async appctl(...args: readonly string[]): Promise<string> {
    const { stdout } = await run("ovs-appctl", ["-t", `${this.#options.path}.ctl`, ...args]);
    return stdout.trim();
  }

  /**
   * Resolves when the server says this of itself: it is asked with an operation that waits. A server that joins its
   * cluster closes the connections that it has then, once.
   */
  async until(status: MemberStatus, signal?: AbortSignal): Promise<void> {
    try {
      await this.#waitFor(status, signal);
    } catch (error) {
      if (!isLoomstackError(error, "OVSDB__CONNECTION_LOST")) throw error;
      await this.#waitFor(status, signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.relay[Symbol.asyncDispose]();
    await this.kill();
  }

  async #waitFor(status: MemberStatus, signal: AbortSignal | undefined): Promise<void> {
    await using client = await connectOvsdb({ remote: this.remote, clock: systemClock, logger: silentLogger });
    const options = { timeLimitMs: 2 * statusLimitMs, ...(signal === undefined ? {} : { signal }) };
    const columns = ["connected", "leader"].filter((column) => column in status) as (keyof MemberStatus)[];
    const where = [["name", "==", this.#options.database]] as const;
    const reached = wait(serverDatabase, "Database", where, columns, "==", [status], statusLimitMs);
    await client.transact("_Server", [reached], options);
  }
}

/** Waits for the line that ovsdb-server logs when its sockets are there; then reads its log away. */
async function listening(process: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let log = "";
  process.stderr?.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-10_000);
    if (log.includes("ovsdb-server (Open vSwitch)")) resolve(undefined);
  });
  process.once("error", reject);
  process.once("exit", () =>
    reject(new LoomstackError("OVSDB__CONNECT_FAILED", { remote: "ovsdb-server", reason: `it ended: ${log}` })),
  );
  await promise;
}
