import type { LoomstackError } from "@loomstack/core";
import type { Replica } from "../cache/replica.ts";
import { isRefusal } from "../jsonrpc/refusal.ts";
import { serverDatabase } from "../schema/server.generated.ts";
import type { Connection } from "./connection.ts";
import type { DatabaseStatus } from "./judge-server.ts";
import type { UsedDatabases } from "./used-databases.ts";

/** Not the column `schema`: it is large, and `get_schema` tells it. */
const watched = { Database: ["name", "model", "connected", "leader", "cid", "index"] } as const;

/**
 * Watches what a server says of its databases (ovsdb-server(5)), and closes the connection as soon as it is of no use
 * for one of those that are used.
 */
export class ServerWatch {
  readonly #connection: Connection;
  readonly #used: UsedDatabases;
  #replica: Replica<typeof serverDatabase, typeof watched> | undefined;
  #refusal: LoomstackError | undefined;

  constructor(connection: Connection, used: UsedDatabases) {
    this.#connection = connection;
    this.#used = used;
  }

  /** Why the connection was closed, if it was for what the server says of its databases. */
  get refusal(): LoomstackError | undefined {
    return this.#refusal;
  }

  /**
   * Resolves when the server can be used: also when it says nothing of its databases, which is older than Open
   * vSwitch 2.9.
   *
   * @throws OVSDB__DATABASE_ABSENT, OVSDB__NOT_IN_CLUSTER, OVSDB__NOT_LEADER, OVSDB__OTHER_CLUSTER, OVSDB__STALE; as
   * OvsdbClient.monitor
   */
  async start(): Promise<void> {
    try {
      this.#replica = await this.#connection.monitor(serverDatabase, watched);
    } catch (error) {
      if (isRefusal(error)) return;
      throw error;
    }
    this.#replica.changes.add(() => this.#judge());
    this.#judge();
    if (this.#refusal !== undefined) throw this.#refusal;
    // Otherwise the server closes the connection whenever any of its databases comes, goes or is converted. One that
    // doesn't know the request does that anyway.
    this.#connection.setDatabaseChangeAware(true).catch(() => undefined);
  }

  /**
   * From now on the database is used too, unless the server doesn't have it: then it will say so when it is asked.
   *
   * @returns whether the connection can be used for it; otherwise it is closed
   */
  admits(database: string): boolean {
    if (this.#used.has(database)) return this.#connection.isOpen;
    if (this.#replica !== undefined && this.#statusOf(database) === undefined) return this.#connection.isOpen;
    this.#used.add(database);
    this.#judge();
    return this.#connection.isOpen;
  }

  #judge(): void {
    if (this.#replica === undefined || !this.#connection.isOpen) return;
    this.#refusal = this.#used.judge(this.#connection.remote, (name) => this.#statusOf(name));
    if (this.#refusal !== undefined) void this.#connection[Symbol.asyncDispose]();
  }

  #statusOf(database: string): DatabaseStatus | undefined {
    const rows = this.#replica?.table("Database").values() ?? [];
    for (const row of rows) if (row.name === database) return row;
    return undefined;
  }
}
