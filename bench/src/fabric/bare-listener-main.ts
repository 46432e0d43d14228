/**
 * A controller that only listens and reads: `node bare-listener-main.ts <port> <switches>`. It asks whoever connects for
 * all flows, and says on which port it listens, and when so many switches have told theirs.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { messageBytes, MessageCutter, messageType } from "../openflow/message-bytes.ts";
import type { BareListenerMessage } from "./bare-listener.ts";

const [port = 0, switches = 0] = process.argv.slice(2).map(Number);
/** OpenFlow 1.3, 7.3.5.2: all flows, of all tables, whatever their port, group, cookie and match. */
const flowsRequest = Buffer.from(
  "0001000000000000" + "ff000000ffffffffffffffff00000000" + "0000000000000000".repeat(2) + "0001000400000000",
  "hex",
);
/** Of a multipart reply (7.3.5). */
const multipart = { flagsAt: 10, more: 1 } as const;
let told = 0;

const server = createServer({ noDelay: true }, serve);
process.on("disconnect", () => process.exit());
server.listen(port, "127.0.0.1");
await once(server, "listening");
say({ port: (server.address() as AddressInfo).port });

function serve(socket: Socket): void {
  const cutter = new MessageCutter((bytes, start, end) => {
    const xid = bytes.readUInt32BE(start + 4);
    switch (bytes[start + 1]) {
      case messageType.hello:
        return void socket.write(messageBytes(messageType.multipartRequest, 2, flowsRequest));
      case messageType.echoRequest:
        return void socket.write(messageBytes(messageType.echoReply, xid, bytes.subarray(start + 8, end)));
      case messageType.multipartReply:
        if ((bytes.readUInt16BE(start + multipart.flagsAt) & multipart.more) === 0) told += 1;
        if (told === switches) say("told");
    }
  });
  socket.on("data", (chunk) => cutter.push(chunk));
  socket.on("error", () => socket.destroy());
  socket.write(messageBytes(messageType.hello, 1));
}

function say(message: BareListenerMessage): void {
  process.send?.(message);
}
