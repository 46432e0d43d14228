import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LoomstackError } from "@loomstack/core";
import { ClusterMember, type MemberStatus } from "./cluster-member.ts";
import type { Relay } from "./relay.ts";

const run = promisify(execFile);

export interface OvsdbClusterOptions {
  /** How many servers; default: 3. */
  readonly size?: number;
  /** How long a follower waits for its leader before it stands for election, in ms; default: 400. */
  readonly electionTimerMs?: number;
  /** Default: that of Open vSwitch. */
  readonly schemaFile?: string;
}

/** What a relay of a cluster can be asked. */
export type RelayServer = Pick<ClusterMember, "remote" | "until">;

/**
 * A database on several ovsdb-servers (RAFT), each with its files in one folder. The servers are numbered from 0. Waiting
 * for a server's status rejects after 20 s.
 */
export interface OvsdbCluster extends AsyncDisposable {
  /** `unix:…` of each server. */
  readonly remotes: readonly string[];
  /** Other ways to the servers, which can be cut. */
  readonly relays: readonly Relay[];
  /** The files with the log of each server. */
  readonly databaseFiles: readonly string[];
  /** Starts a server that relays the database, and knows of it what the others tell; once. */
  startRelayServer(): Promise<RelayServer>;
  /** Which of the running servers says that it leads; waits until one does. */
  leader(): Promise<number>;
  /** Waits until a server says this of itself. */
  until(server: number, status: MemberStatus): Promise<void>;
  /** Ends a server at once, as a crash would. */
  kill(server: number): Promise<void>;
  /** Starts a server again; resolves when it listens. */
  start(server: number): Promise<void>;
  /** SIGSTOP: it keeps its connections and says nothing, neither to clients nor to the other servers. */
  freeze(server: number): void;
  /** SIGCONT */
  thaw(server: number): void;
  /** Runs ovs-appctl on a server and gives what it prints. */
  appctl(server: number, ...args: readonly string[]): Promise<string>;
}

/** Starts the servers; resolves when all are connected and one leads. They end with this process, however it ends. */
export async function startOvsdbCluster(options: OvsdbClusterOptions = {}): Promise<OvsdbCluster> {
  const { size = 3, electionTimerMs = 400, schemaFile = "/usr/share/openvswitch/vswitch.ovsschema" } = options;
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "loomstack-cluster-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const database = (await run("ovsdb-tool", ["schema-name", schemaFile])).stdout.trim();
  const names = Array.from({ length: size }, (_, server) => join(folder, `s${server}`));
  const [first, ...others] = names;
  if (first === undefined) throw new LoomstackError("CORE__UNREACHABLE", { what: "a cluster of no servers" });
  const timer = `--election-timer=${electionTimerMs}`;
  await run("ovsdb-tool", [timer, "create-cluster", `${first}.db`, schemaFile, `unix:${first}.raft`]);
  for (const name of others) {
    await run("ovsdb-tool", ["join-cluster", `${name}.db`, database, `unix:${name}.raft`, `unix:${first}.raft`]);
  }
  const members: ClusterMember[] = [];
  for (const path of names) {
    members.push(starting.use(await ClusterMember.start({ path, database, source: `${path}.db` })));
  }
  await Promise.all(members.map((member) => member.until({ connected: true })));
  await firstLeader(members);
  const running = starting.move();

  const member = (server: number): ClusterMember => {
    const found = members[server];
    if (found === undefined) throw new LoomstackError("CORE__UNREACHABLE", { what: `there is no server ${server}` });
    return found;
  };
  return {
    remotes: members.map(({ remote }) => remote),
    relays: members.map(({ relay }) => relay),
    databaseFiles: names.map((path) => `${path}.db`),
    async startRelayServer() {
      const source = `relay:${database}:${members.map(({ remote }) => remote).join(",")}`;
      return running.use(await ClusterMember.start({ path: join(folder, "relay"), database, source }));
    },
    leader: () => firstLeader(members),
    until: (server, status) => member(server).until(status),
    kill: (server) => member(server).kill(),
    start: (server) => member(server).run(),
    freeze: (server) => member(server).freeze(),
    thaw: (server) => member(server).thaw(),
    appctl: (server, ...args) => member(server).appctl(...args),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function firstLeader(members: readonly ClusterMember[]): Promise<number> {
  const found = new AbortController();
  const answers = members.map(async (member, server) => {
    if (!member.isRunning) throw new LoomstackError("CORE__UNREACHABLE", { what: "a server that doesn't run" });
    await member.until({ leader: true }, found.signal);
    return server;
  });
  try {
    return await Promise.any(answers);
  } finally {
    found.abort();
    await Promise.allSettled(answers);
  }
}
