import type { Socket } from "node:net";
import { isLoomstackError, type Uuid } from "@loomstack/core";
import {
  formatMessage,
  formatSchema,
  type Json,
  type Message,
  MessageFraming,
  parseSchema,
  readMessage,
  stringifyJson,
} from "@loomstack/ovsdb";
import { type Commit, type Database, isUnmet } from "./database.ts";
import { failure } from "./elements.ts";
import type { LockClient, LockQueue } from "./lock-queue.ts";
import type { FaultKind, FaultyPeer } from "./faults.ts";
import type { Misbehaviour } from "./misbehaviour.ts";
import { Output } from "./output.ts";
import { type MonitorMethod, ServerMonitor } from "./server-monitor.ts";

export interface ConnectionOptions {
  readonly databases: ReadonlyMap<string, Database>;
  /** What the server understands besides the methods of RFC 7047: an older Open vSwitch has fewer. */
  readonly monitorMethods: readonly MonitorMethod[];
  readonly misbehaviour: Misbehaviour;
  readonly locks: LockQueue;
  readonly serverId: Uuid;
  /** Told when this client has given a database another schema. */
  readonly onConverted: (database: Database) => void;
}

interface WaitingTransaction {
  readonly attempt: () => void;
  readonly cancel: () => void;
}

/** One client of the in-process server. */
export class ServerConnection implements LockClient, FaultyPeer {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #framing = new MessageFraming();
  /** By the JSON text of their ids. */
  readonly #monitors = new Map<string, { readonly database: Database; readonly monitor: ServerMonitor }>();
  readonly #waiting = new Map<string, WaitingTransaction>();
  readonly #output: Output;
  /** What becomes of answers that aren't simply sent, by the JSON text of their requests' ids. */
  readonly #faultyAnswers = new Map<string, FaultKind>();
  #isChangeAware = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#output = new Output(socket);
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("error", () => socket.destroy());
    const listening = [...options.databases.values()].map((database) =>
      database.commits.add((commit) => this.#onCommit(database, commit)),
    );
    socket.on("close", () => {
      for (const registration of listening) registration[Symbol.dispose]();
      for (const { cancel } of this.#waiting.values()) cancel();
      options.locks.releaseAll(this);
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Sends bytes as they are. */
  write(bytes: string | Uint8Array): void {
    this.#output.write(bytes);
  }

  stream(chunks: Iterable<string | Uint8Array>): void {
    this.#output.stream(chunks);
  }

  stopReading(): void {
    this.#socket.pause();
  }

  send(message: Message): void {
    const text = stringifyJson(formatMessage(message));
    const id = message.kind === "result" || message.kind === "error" ? stringifyJson(message.id) : "";
    const fault = this.#faultyAnswers.get(id);
    if (fault === undefined) return this.write(text);
    this.#faultyAnswers.delete(id);
    fault.strike(this, { id, answer: text });
  }

  notifyLock(method: "locked" | "stolen", name: string): void {
    this.send({ kind: "notification", method, params: [name] });
  }

  /** A database has another schema: who is prepared for that loses the monitors, others the connection. */
  databaseConverted(database: Database): void {
    if (!this.#isChangeAware) return this.#socket.destroySoon();
    for (const [key, { database: monitored, monitor }] of this.#monitors) {
      if (monitored !== database) continue;
      this.#monitors.delete(key);
      this.send({ kind: "notification", method: "monitor_canceled", params: [monitor.id] });
    }
  }

  #onData(chunk: Buffer): void {
    try {
      for (const json of this.#framing.push(chunk)) this.#onMessage(readMessage(json));
    } catch {
      // As ovsdb-server does: whoever doesn't speak JSON-RPC is dropped.
      this.#socket.destroy();
    }
  }

  #onMessage(message: Message): void {
    if (message.kind === "notification" && message.method === "cancel") this.#cancel(message.params[0] ?? null);
    if (message.kind !== "request") return;
    const { id, method, params } = message;
    const fault = this.#options.misbehaviour.take(method);
    const text = stringifyJson(id);
    if (fault?.isCarriedOut === false) return fault.strike(this, { id: text, answer: "" });
    if (fault !== undefined) this.#faultyAnswers.set(text, fault);
    try {
      if (method === "transact") this.#transact(id, params);
      else this.send({ kind: "result", id, result: this.#answer(method, params) });
    } catch (error) {
      if (!isLoomstackError(error)) throw error;
      const described = isLoomstackError(error, "OVSDB__OPERATION_FAILED")
        ? { error: String(error.context.error), details: String(error.context.details) }
        : { error: "syntax error", details: error.message };
      this.send({ kind: "error", id, error: described.error === "unknown method" ? described.error : described });
    }
  }

  #answer(method: string, params: readonly Json[]): Json {
    const monitorMethod = this.#options.monitorMethods.find((known) => known === method);
    if (monitorMethod !== undefined) return this.#monitor(monitorMethod, params);
    switch (method) {
      case "echo":
        return params;
      case "list_dbs":
        return [...this.#options.databases.keys()];
      case "get_schema":
        return formatSchema(this.#database(params[0]).schema);
      case "monitor_cancel":
        if (!this.#monitors.delete(stringifyJson(params[0] ?? null))) {
          throw failure("unknown monitor", "there is no monitor with that id");
        }
        return {};
      case "monitor_cond_change":
        return this.#changeConditions(params);
      case "set_db_change_aware":
        this.#isChangeAware = params[0] === true;
        return {};
      case "get_server_id":
        return this.#options.serverId;
      case "lock":
      case "steal":
        return { locked: this.#options.locks.request(this, method, expectName(params[0])) };
      case "unlock":
        this.#options.locks.release(this, expectName(params[0]));
        return {};
      case "convert":
        return this.#convert(params);
      default:
        throw failure("unknown method", method);
    }
  }

  #convert([name, schema = null]: readonly Json[]): Json {
    const database = this.#database(name);
    database.convert(parseSchema(schema));
    // Later: the result comes first.
    queueMicrotask(() => this.#options.onConverted(database));
    return {};
  }

  #changeConditions([id = null, nextId = null, requests]: readonly Json[]): Json {
    if (!this.#options.monitorMethods.includes("monitor_cond")) throw failure("unknown method", "monitor_cond_change");
    const key = stringifyJson(id);
    const entry = this.#monitors.get(key);
    if (entry === undefined) throw failure("unknown monitor", "there is no monitor with that id");
    if (stringifyJson(nextId) !== key) throw failure("not supported", "this server doesn't rename monitors");
    const notification = entry.monitor.changeConditions(requests);
    if (notification !== undefined) this.send(notification);
    return {};
  }

  #monitor(method: MonitorMethod, [name, id = null, requests, since]: readonly Json[]): Json {
    const database = this.#database(name);
    const key = stringifyJson(id);
    if (this.#monitors.has(key)) throw failure("syntax error", "duplicate monitor ID");
    const monitor = new ServerMonitor(method, database, id, requests);
    this.#monitors.set(key, { database, monitor });
    return monitor.initial(since);
  }

  #onCommit(database: Database, commit: Commit): void {
    for (const entry of this.#monitors.values()) {
      const notification = entry.database === database ? entry.monitor.notification(commit) : undefined;
      if (notification !== undefined) this.send(notification);
    }
    // Later: this commit's own result comes before what it sets free.
    queueMicrotask(() => [...this.#waiting.values()].forEach(({ attempt }) => attempt()));
  }

  #transact(id: Json, [name, ...operations]: readonly Json[]): void {
    const database = this.#database(name);
    const key = stringifyJson(id);
    const since = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(key);
    };
    const attempt = (): void => {
      const ownsLock = (lock: string): boolean => this.#options.locks.owns(this, lock);
      const result = database.transact(operations, performance.now() - since, ownsLock);
      if (!isUnmet(result)) {
        cancel();
        this.send({ kind: "result", id, result });
      } else if (!this.#waiting.has(key)) {
        this.#waiting.set(key, { attempt, cancel });
        if (Number.isFinite(result.timeoutMs)) timer = setTimeout(attempt, result.timeoutMs + 1);
      }
    };
    attempt();
  }

  #cancel(id: Json): void {
    const transaction = this.#waiting.get(stringifyJson(id));
    if (transaction === undefined) return;
    transaction.cancel();
    // Others get no answer: so ovsdb-server does it, whatever RFC 7047 (4.1.4) says.
    if (this.#isChangeAware) this.send({ kind: "error", id, error: "canceled" });
  }

  #database(name: Json | undefined): Database {
    const database = typeof name === "string" ? this.#options.databases.get(name) : undefined;
    if (database === undefined) throw failure("unknown database", `no database named ${JSON.stringify(name)}`);
    return database;
  }
}

function expectName(name: Json | undefined): string {
  if (typeof name === "string") return name;
  throw failure("syntax error", "the name of a lock is expected");
}
