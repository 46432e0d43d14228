/**
 * A bridge as a controller sees it by OpenFlow, without a datapath: it takes bundles, keeps flows as the bytes they came
 * in, and gives them back. What it doesn't do it answers with an error. Cheap enough that hundreds fit into one process,
 * which tells more of the controller than of the switches.
 */
import { connect, type Socket } from "node:net";
import { decodeMessage } from "@loomstack/openflow";
import { headerSize, messageBytes, MessageCutter, messageType } from "../openflow/message-bytes.ts";

const type = { ...messageType, experimenter: 4, setConfig: 9, flowMod: 14, roleRequest: 24, roleReply: 25 } as const;
const multipart = { flow: 1, portDescription: 13, experimenter: 0xffff } as const;
const onf = { bundleControl: 2300, bundleAdd: 2301 } as const;
const command = { add: 0, modifyStrict: 2, delete: 3, deleteStrict: 4 } as const;
const bundle = { open: 0, commit: 4, discard: 6 } as const;
/** Of a bundle's message, where the message inside of it begins. */
const insideBundle = 24;
/** Of a flow mod behind its header, where the match begins; of a flow in a reply, likewise. */
const modMatch = 40;
const statsMatch = 48;
/** As much of flows as one part of a reply may hold. */
const partBytes = 60_000;
const retryMs = 100;

export interface FakeSwitchOptions {
  readonly dpid: bigint;
  /** Takes a packet that the controller sends along a tunnel to this address. */
  readonly transmit: (endpoint: string, frame: Uint8Array) => void;
}

/** Keeps its flows while connections come and go. */
export class FakeSwitch implements Disposable {
  readonly #options: FakeSwitchOptions;
  /** By table, priority and match: flows as they stand in a reply. */
  readonly #flows = new Map<string, Buffer>();
  #target: string | undefined;
  #socket: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #bundle: Buffer[] = [];

  constructor(options: FakeSwitchOptions) {
    this.#options = options;
  }

  /** Dials the controller (`tcp:127.0.0.1:6653`) for as long as it is the same one; undefined: none. */
  set target(target: string | undefined) {
    if (target === this.#target) return;
    this.#target = target;
    this.#socket?.destroy();
    this.#dial();
  }

  /** A packet has come in by a tunnel. */
  receive(frame: Uint8Array): void {
    // No buffer; 0 bytes of it are left out; a flow of table 0 said so; the match says port 1.
    const front = Buffer.from(`ffffffff00000100${"00".repeat(8)}0001000c8000000400000001000000000000`, "hex");
    front.writeUInt16BE(frame.byteLength, 4);
    this.#socket?.write(messageBytes(type.packetIn, 0, Buffer.concat([front, frame])));
  }

  [Symbol.dispose](): void {
    this.target = undefined;
    clearTimeout(this.#retry);
  }

  #dial(): void {
    clearTimeout(this.#retry);
    const [, host, port] = /^tcp:([\d.]+):(\d+)$/.exec(this.#target ?? "") ?? [];
    if (host === undefined) return;
    const socket = connect({ host, port: Number(port), noDelay: true });
    this.#socket = socket;
    this.#bundle = [];
    const cutter = new MessageCutter((bytes, start, end) => this.#take(socket, bytes.subarray(start, end)));
    socket.on("connect", () => socket.write(messageBytes(type.hello, 1)));
    socket.on("data", (chunk: Buffer) => {
      socket.cork();
      cutter.push(chunk);
      socket.uncork();
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (this.#socket === socket && this.#target !== undefined) this.#retry = setTimeout(() => this.#dial(), retryMs);
    });
  }

  #take(socket: Socket, message: Buffer): void {
    const xid = message.readUInt32BE(4);
    const reply = (kind: number, body?: Uint8Array): void => void socket.write(messageBytes(kind, xid, body));
    switch (message[1]) {
      case type.experimenter:
        return this.#takeExperimenter(message, reply);
      case type.featuresRequest:
        return reply(type.featuresReply, features(this.#options.dpid));
      case type.multipartRequest:
        return this.#answerMultipart(message.subarray(headerSize), reply);
      case type.barrierRequest:
        return reply(type.barrierReply);
      case type.echoRequest:
        return reply(type.echoReply, message.subarray(headerSize));
      case type.roleRequest:
        return reply(type.roleReply, message.subarray(headerSize));
      case type.flowMod:
        return this.#apply(message.subarray(headerSize));
      case type.packetOut:
        return this.#transmit(message);
      case type.hello:
      case type.setConfig:
        return;
      default:
        return reply(type.error, Buffer.from("00010001", "hex"));
    }
  }

  #takeExperimenter(message: Buffer, reply: (kind: number, body?: Uint8Array) => void): void {
    const kind = message.readUInt32BE(12);
    // A copy: what was read is a part of a chunk that would be kept as a whole.
    if (kind === onf.bundleAdd) return void this.#bundle.push(Buffer.from(message.subarray(insideBundle + headerSize)));
    if (kind !== onf.bundleControl) return reply(type.error, Buffer.from("00010003", "hex"));
    const asked = message.readUInt16BE(20);
    if (asked === bundle.commit) for (const mod of this.#bundle) this.#apply(mod);
    if (asked === bundle.open || asked === bundle.commit || asked === bundle.discard) this.#bundle = [];
    const body = Buffer.from(message.subarray(headerSize));
    body.writeUInt16BE(asked + 1, 12);
    reply(type.experimenter, body);
  }

  #answerMultipart(request: Buffer, reply: (kind: number, body?: Uint8Array) => void): void {
    const kind = request.readUInt16BE(0);
    const part = (bodies: readonly Uint8Array[], isLast: boolean): void => {
      const front = Buffer.alloc(8);
      front.writeUInt16BE(kind, 0);
      front.writeUInt16BE(isLast ? 0 : 1, 2);
      reply(type.multipartReply, Buffer.concat([front, ...bodies]));
    };
    if (kind === multipart.portDescription) return part([], true);
    // A flow monitor, which has nothing to tell: nobody else changes flows here.
    if (kind === multipart.experimenter) return part([request.subarray(8, 16)], true);
    if (kind !== multipart.flow) return reply(type.error, Buffer.from("00010002", "hex"));
    let bodies: Buffer[] = [];
    let size = 0;
    for (const flow of this.#flows.values()) {
      if (size + flow.byteLength > partBytes) {
        part(bodies, false);
        [bodies, size] = [[], 0];
      }
      bodies.push(flow);
      size += flow.byteLength;
    }
    part(bodies, true);
  }

  /** @param mod a flow mod without its header */
  #apply(mod: Buffer): void {
    const matchEnd = modMatch + Math.ceil(mod.readUInt16BE(modMatch + 2) / 8) * 8;
    const key =
      mod.toString("latin1", 16, 17) + mod.toString("latin1", 22, 24) + mod.toString("latin1", modMatch, matchEnd);
    switch (mod[17]) {
      case command.add:
      case command.modifyStrict:
        return void this.#flows.set(key, statsOf(mod));
      case command.deleteStrict:
        return void this.#flows.delete(key);
      case command.delete:
        return this.#flows.clear();
    }
  }

  #transmit(bytes: Buffer): void {
    const { message } = decodeMessage(bytes);
    if (message.kind !== "packetOut") return;
    for (const action of message.actions)
      if (action.kind === "setField" && action.field === "tunIpv4Dst")
        this.#options.transmit(action.value, message.data);
  }
}

function features(dpid: bigint): Buffer {
  const body = Buffer.alloc(24);
  body.writeBigUInt64BE(dpid, 0);
  body.writeUInt8(254, 12);
  return body;
}

/** The flow of a flow mod as it stands in a multipart reply (OpenFlow 1.3.5, 7.3.5.2). */
function statsOf(mod: Buffer): Buffer {
  const stats = Buffer.alloc(statsMatch + mod.byteLength - modMatch);
  stats.writeUInt16BE(stats.byteLength, 0);
  // Table; priority; timeouts; flags; cookie.
  mod.copy(stats, 2, 16, 17);
  mod.copy(stats, 12, 22, 24);
  mod.copy(stats, 14, 18, 22);
  mod.copy(stats, 18, 36, 38);
  mod.copy(stats, 24, 0, 8);
  mod.copy(stats, statsMatch, modMatch);
  return stats;
}
