/** A switch that listens and does what a test says, for what no real one can be brought to do. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Dpid } from "@loomstack/core";
import { decodeMessage, encodeMessage, type Message } from "@loomstack/openflow";

export interface ScriptedSwitch extends AsyncDisposable {
  readonly remote: string;
  /** The next connection; with its handshake, unless `isSilent`. It answers barriers and nothing else that is asked. */
  connection(isSilent?: boolean): Promise<ScriptedConnection>;
}

export interface ScriptedConnection {
  readonly socket: Socket;
  /** Resolves when a message of the kind has come. */
  heard(kind: string): Promise<void>;
  readonly say: (message: Message, xid?: number) => void;
}

const features: Message = {
  ...{ kind: "featuresReply", dpid: 0x42n as Dpid, bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: {} },
};

export async function startScriptedSwitch(): Promise<ScriptedSwitch> {
  const server = createServer();
  const sockets: Socket[] = [];
  const waiting: Socket[] = [];
  server.on("connection", (socket) => {
    socket.on("error", () => undefined);
    sockets.push(socket);
    waiting.push(socket);
    server.emit("waiting");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    remote: `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`,
    async connection(isSilent = false) {
      while (waiting.length === 0) await once(server, "waiting");
      return serve(waiting.shift() ?? fail(), isSilent);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function fail(): never {
  throw new TypeError("there is no connection");
}

function serve(socket: Socket, isSilent: boolean): ScriptedConnection {
  const kinds: string[] = [];
  const say = (message: Message, xid = 0): void => void socket.write(encodeMessage(message, xid));
  const answer = ({ message, xid }: ReturnType<typeof decodeMessage>): void => {
    if (message.kind === "featuresRequest") say(features, xid);
    else if (message.kind === "barrierRequest") say({ kind: "barrierReply" }, xid);
    else if (message.kind === "multipartRequest" && message.body.kind === "portDescription") {
      say({ kind: "multipartReply", body: { kind: "portDescription", entries: [] } }, xid);
    }
  };
  let held = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    for (let size = sizeOf(held); size <= held.byteLength; size = sizeOf(held)) {
      const envelope = decodeMessage(held.subarray(0, size));
      held = held.subarray(size);
      const { message } = envelope;
      kinds.push(message.kind === "multipartRequest" ? message.body.kind : message.kind);
      if (!isSilent) answer(envelope);
    }
    socket.emit("heard");
  });
  if (!isSilent) say({ kind: "hello", elements: [{ kind: "versionBitmap", versions: [4] }] }, 1);
  return {
    socket,
    say,
    async heard(kind) {
      while (!kinds.includes(kind)) await once(socket, "heard");
    },
  };
}

/** Of the first message; as long as it can't be read that of a header. */
function sizeOf(bytes: Buffer): number {
  return bytes.byteLength < 8 ? 8 : bytes.readUInt16BE(2);
}
