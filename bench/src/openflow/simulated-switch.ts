/**
 * A switch that does nothing but send packet-ins and count packet-outs, as cbench's: `node simulated-switch.ts <port>
 * <window> <packets>` keeps `window` packet-ins on their way until `packets` are answered, and prints the rate.
 *
 * It begins when it is sent a barrier, and sends the packet-ins of a few thousand hosts in turn, which are encoded
 * before.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { LoomstackError } from "@loomstack/core";
import { messageBytes, MessageCutter, messageType } from "./message-bytes.ts";
import { hosts, packetInBytes, packetOutSize } from "./packets.ts";

const [port, window = 1, packets = 1] = process.argv.slice(2).map(Number);
/** As many again are sent before, while both ends compile their code. */
const warmUp = packets;
const packetIns = packetInBytes();
const size = packetIns.byteLength / hosts;

const socket = connect({ host: "127.0.0.1", port: port ?? 0, noDelay: true });
await once(socket, "connect");
let sent = 0;
let answered = 0;
let measuredFromMs = 0;
const finished = Promise.withResolvers<number>();
const cutter = new MessageCutter(receive);
socket.on("error", finished.reject);
socket.on("close", () => finished.reject(unexpected("the end of the connection")));
socket.on("data", (chunk: Buffer) => {
  const before = answered;
  cutter.push(chunk);
  if (answered > before) send();
});
socket.write(messageBytes(messageType.hello, 1));
const seconds = (await finished.promise) / 1000;
socket.destroy();
console.log(JSON.stringify({ figures: { rate: packets / seconds } }));

function receive(bytes: Buffer, start: number, end: number): void {
  const type = bytes[start + 1];
  const xid = bytes.readUInt32BE(start + 4);
  if (type === messageType.packetOut && end - start === packetOutSize) {
    answered += 1;
    if (answered === warmUp) measuredFromMs = performance.now();
    else if (answered === warmUp + packets) finished.resolve(performance.now() - measuredFromMs);
  } else if (type === messageType.featuresRequest) {
    const features = Buffer.alloc(24);
    features.writeBigUInt64BE(1n, 0);
    features.writeUInt8(254, 12);
    socket.write(messageBytes(messageType.featuresReply, xid, features));
  } else if (type === messageType.multipartRequest) {
    // The request's body begins with its type, and a reply without entries is that and zeros.
    const body = Buffer.alloc(8);
    bytes.copy(body, 0, start + 8, start + 10);
    socket.write(messageBytes(messageType.multipartReply, xid, body));
  } else if (type === messageType.barrierRequest) {
    socket.write(messageBytes(messageType.barrierReply, xid));
    send();
  } else if (type === messageType.echoRequest) {
    socket.write(messageBytes(messageType.echoReply, xid, bytes.subarray(start + 8, end)));
  } else if (type !== messageType.hello) {
    finished.reject(unexpected(bytes.toString("hex", start, Math.min(end, start + 64))));
  }
}

/** Fills the window up. */
function send(): void {
  const end = Math.min(answered + window, warmUp + packets);
  while (sent < end) {
    const first = sent % hosts;
    const count = Math.min(end - sent, hosts - first);
    socket.write(packetIns.subarray(first * size, (first + count) * size));
    sent += count;
  }
}

function unexpected(seen: string): LoomstackError {
  return new LoomstackError("LAB__EXPECTATION_FAILED", {
    what: "what the controller says",
    expected: "packet-outs",
    seen,
  });
}
