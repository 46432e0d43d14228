/**
 * What a real ovsdb-server says to a client that monitors interfaces while their statistics change; and a server that
 * says it again, as fast as a client reads. So each client gets the very same updates, none of them combined because it
 * was slow, and its speed is all that is measured.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { LoomstackError, silentLogger, systemClock } from "@loomstack/core";
import {
  connectOvsdb,
  isJsonArray,
  type Json,
  type JsonObject,
  MessageFraming,
  openVswitch,
  stringifyJson,
  update,
} from "@loomstack/ovsdb";
import { interfaceName, statisticsOf } from "./hypervisor.ts";

/** JSON texts of a server, as they stand in its messages. */
export interface Recording {
  readonly schemas: Readonly<Record<string, string>>;
  /** The result of `monitor` on `_Server`, for clients that look there what kind of database it is. */
  readonly server: string;
  /** The result of `monitor_cond_since`. */
  readonly initial: string;
  /** The parameters of each `update3`, without the monitor's id and the brackets. */
  readonly updates: readonly string[];
}

/** Records rounds of statistics of `interfaces` interfaces, each round one transaction and so one `update3`. */
export async function recordStatistics(remote: string, interfaces: number, rounds: number): Promise<Recording> {
  await using writer = await connectOvsdb({ remote, clock: systemClock, logger: silentLogger });
  using listener = await Listener.connect(remote);
  const schemas = {
    Open_vSwitch: await listener.request("get_schema", ["Open_vSwitch"]),
    _Server: await listener.request("get_schema", ["_Server"]),
  };
  const server = await listener.request("monitor", ["_Server", "server", { Database: {} }]);
  const columns = Object.keys(openVswitch.tables.Interface.columns);
  const zero = "00000000-0000-0000-0000-000000000000";
  const monitor = ["Open_vSwitch", "recording", { Interface: [{ columns }] }, zero];
  const initial = await listener.request("monitor_cond_since", monitor);
  const updates: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await writer.transact(
      "Open_vSwitch",
      Array.from({ length: interfaces }, (_, index) =>
        update(openVswitch, "Interface", [["name", "==", interfaceName(index)]], {
          statistics: statisticsOf(index, round),
        }),
      ),
    );
    const { params } = await listener.next();
    if (!isJsonArray(params)) throw unexpected("the parameters of update3", "an array");
    updates.push(params.slice(1).map(stringifyJson).join(","));
  }
  return { schemas, server, initial, updates };
}

export interface RecordedServer extends AsyncDisposable {
  readonly remote: string;
}

/**
 * A server that answers with a recording. As many updates as `warmUpRounds` follow the answer to `monitor_cond_since`,
 * and all others the answer to `list_dbs`, with which a client says that it is ready.
 */
export async function startRecordedServer(recording: Recording, warmUpRounds: number): Promise<RecordedServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const framing = new MessageFraming();
    const connection = new RecordedConnection(recording, warmUpRounds, (text) => void socket.write(text));
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      for (const message of framing.push(chunk)) connection.receive(message);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return {
    remote: `tcp:127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class RecordedConnection {
  readonly #recording: Recording;
  readonly #warmUpRounds: number;
  readonly #write: (text: string) => void;
  #monitor: Json = null;

  constructor(recording: Recording, warmUpRounds: number, write: (text: string) => void) {
    this.#recording = recording;
    this.#warmUpRounds = warmUpRounds;
    this.#write = write;
  }

  receive({ id = null, method, params }: JsonObject): void {
    // An answer: nothing was asked.
    if (typeof method !== "string" || !isJsonArray(params)) return;
    const { updates } = this.#recording;
    const result = this.#resultOf(method, params);
    const rest =
      result === undefined ? `"result":null,"error":"not in the recording"` : `"result":${result},"error":null`;
    this.#write(`{"id":${stringifyJson(id)},${rest}}`);
    if (method === "monitor_cond_since") {
      this.#monitor = params[1] ?? null;
      this.#send(updates.slice(0, this.#warmUpRounds));
    } else if (method === "list_dbs") {
      this.#send(updates.slice(this.#warmUpRounds));
    }
  }

  #resultOf(method: string, params: readonly Json[]): string | undefined {
    const { schemas, server, initial } = this.#recording;
    switch (method) {
      case "get_schema":
        return typeof params[0] === "string" ? schemas[params[0]] : undefined;
      case "monitor":
        return params[0] === "_Server" ? server : undefined;
      case "monitor_cond_since":
        return initial;
      case "list_dbs":
        return JSON.stringify(Object.keys(schemas));
      case "echo":
        return stringifyJson(params);
      default:
        return undefined;
    }
  }

  #send(updates: readonly string[]): void {
    const monitor = stringifyJson(this.#monitor);
    for (const text of updates) this.#write(`{"id":null,"method":"update3","params":[${monitor},${text}]}`);
  }
}

/** A client that knows messages and nothing more. */
class Listener implements Disposable {
  readonly #socket: Socket;
  readonly #framing = new MessageFraming();
  readonly #messages: JsonObject[] = [];
  #arrived = Promise.withResolvers<undefined>();

  static async connect(remote: string): Promise<Listener> {
    const socket = connect({ path: remote.replace(/^unix:/, "") });
    await once(socket, "connect");
    return new Listener(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    const end = (): void => this.#arrived.reject(unexpected("the recorded connection", "open"));
    this.#arrived.promise.catch(() => undefined);
    socket.on("error", end).on("close", end);
    socket.on("data", (chunk) => {
      this.#messages.push(...this.#framing.push(chunk));
      this.#arrived.resolve(undefined);
    });
  }

  /** Gives the text of the result. */
  async request(method: string, params: readonly Json[]): Promise<string> {
    this.#socket.write(stringifyJson({ method, params, id: 0 }));
    const { result = null } = await this.next();
    return stringifyJson(result);
  }

  async next(): Promise<JsonObject> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      this.#arrived = Promise.withResolvers();
      await this.#arrived.promise;
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

function unexpected(what: string, expected: string): LoomstackError {
  return new LoomstackError("LAB__EXPECTATION_FAILED", { what, expected, seen: "something else" });
}
