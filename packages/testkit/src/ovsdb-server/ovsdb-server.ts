import { randomUUID } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { LoomstackError } from "@loomstack/core";
import { type DatabaseSchema, defaultValue, openVswitch, parseRemote } from "@loomstack/ovsdb";
import { Database } from "./database.ts";
import type { Fault } from "./faults.ts";
import { LockQueue } from "./lock-queue.ts";
import { Misbehaviour } from "./misbehaviour.ts";
import { newUuid } from "./operations.ts";
import { ServerConnection } from "./server-connection.ts";
import { type MonitorMethod, monitorMethods } from "./server-monitor.ts";
import { playVswitchd } from "./vswitchd.ts";

export interface OvsdbServerOptions {
  /** `unix:/path/db.sock` or `tcp:127.0.0.1`; a TCP port of 0, or none, is chosen by the system. */
  readonly listen?: string;
  /** Default: Open_vSwitch, with one row in its root table. */
  readonly schema?: DatabaseSchema;
  /** `external_ids:system-id` of the hypervisor that the server pretends to be; default: a random one. */
  readonly systemId?: string;
  /** Number new interfaces, give new bridges a datapath id, follow `next_cfg`. */
  readonly behaveLikeVswitchd?: boolean;
  /** Default: all. An old Open vSwitch has only `monitor`. */
  readonly monitorMethods?: readonly MonitorMethod[];
  /** For how many transactions back the changes since then can be told; default: 100. */
  readonly historyLimit?: number;
}

/** An OVSDB server inside the test's own process. */
export interface OvsdbServer extends AsyncDisposable {
  /** For `connectOvsdb`. */
  readonly remote: string;
  /** What the server holds; it can be read and changed from inside. */
  readonly database: Database;
  readonly connectionCount: number;
  /** The next request for `method` is met with `fault`. */
  misbehave(method: string, fault: Fault): void;
  /** Closes all connections; new ones are accepted. */
  dropConnections(): void;
  /** Sends bytes as they are to all clients. */
  sendRaw(bytes: string): void;
}

/**
 * Starts an OVSDB server with one database: all methods of RFC 7047, and monitor_cond, monitor_cond_since,
 * monitor_cond_change (which keeps the monitor's id), set_db_change_aware, get_server_id and convert.
 */
export async function startOvsdbServer(options: OvsdbServerOptions = {}): Promise<OvsdbServer> {
  const { schema = openVswitch, systemId = randomUUID() } = options;
  const database = new Database(schema, options.historyLimit);
  if (schema === openVswitch) insertRoot(database, systemId);
  const vswitchd = options.behaveLikeVswitchd === true ? playVswitchd(database) : undefined;
  const misbehaviour = new Misbehaviour();
  const connections = new Set<ServerConnection>();
  const server = createServer({ noDelay: true }, (socket) => accept(socket));
  const shared = { misbehaviour, locks: new LockQueue(), serverId: newUuid() };
  const accept = (socket: Socket): void => {
    const connection = new ServerConnection(socket, {
      databases: new Map([[schema.name, database]]),
      monitorMethods: options.monitorMethods ?? monitorMethods,
      onConverted: () => connections.forEach((other) => other.databaseConverted(database)),
      ...shared,
    });
    connections.add(connection);
    socket.on("close", () => connections.delete(connection));
  };
  const dropConnections = (): void => connections.forEach((connection) => connection.destroy());
  const remote = await listen(server, options.listen ?? "tcp:127.0.0.1");

  return {
    remote,
    database,
    get connectionCount() {
      return connections.size;
    },
    misbehave: (method, fault) => misbehaviour.plan(method, fault),
    dropConnections,
    sendRaw: (bytes) => connections.forEach((connection) => connection.write(bytes)),
    async [Symbol.asyncDispose]() {
      vswitchd?.[Symbol.dispose]();
      dropConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The row that ovs-vsctl(8) makes at start-up. */
function insertRoot(database: Database, systemId: string): void {
  const columns = Object.entries(openVswitch.tables.Open_vSwitch.columns).map(
    ([name, column]) => [name, defaultValue(column)] as const,
  );
  const known = {
    external_ids: new Map([["system-id", systemId]]),
    ovs_version: "3.1.0",
    db_version: openVswitch.version,
    datapath_types: new Set(["netdev", "system"]),
    iface_types: new Set(["geneve", "gre", "internal", "patch", "system", "tap", "vxlan"]),
  };
  const uuid = newUuid();
  database.change((draft) =>
    draft.put("Open_vSwitch", uuid, { ...Object.fromEntries(columns), ...known, _uuid: uuid, _version: newUuid() }),
  );
}

async function listen(server: Server, address: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once("error", reject);
  const remote = parseRemote(address);
  if (remote.kind === "unix") server.listen(remote.path, () => resolve(undefined));
  else server.listen(address.endsWith(`:${remote.port}`) ? remote.port : 0, remote.host, () => resolve(undefined));
  await promise;
  const bound = server.address();
  if (bound === null) throw new LoomstackError("CORE__UNREACHABLE", { what: "a listening server has no address" });
  return typeof bound === "string" ? `unix:${bound}` : `tcp:${bound.address}:${bound.port}`;
}
