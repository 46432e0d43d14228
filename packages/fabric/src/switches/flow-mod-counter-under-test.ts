/** What tests put between a switch and the controller, to count what the controller really sends. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** OFPT_FLOW_MOD, of every version. */
const flowModType = 14;

export interface FlowModCounter extends AsyncDisposable {
  /** Where switches connect to. */
  readonly port: number;
  /** Flow mods that went to switches so far, also those in bundles. */
  readonly flowMods: number;
  /** Bundles that were committed so far. */
  readonly bundles: number;
  /** Connections that are open. */
  readonly open: number;
  /** Where connections go to from now on. */
  setTarget(port: number): void;
  /** Cuts every connection. */
  cut(): void;
}

export async function startFlowModCounter(): Promise<FlowModCounter> {
  let [flowMods, bundles, target] = [0, 0, 0];
  const sockets = new Set<Socket>();
  const server = createServer((fromSwitch) => {
    const toController = connect(target, "127.0.0.1");
    for (const [socket, other] of [
      [fromSwitch, toController],
      [toController, fromSwitch],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    fromSwitch.pipe(toController);
    const count = counter((what) => {
      if (what === "flowMod") flowMods += 1;
      else bundles += 1;
    });
    toController.on("data", (chunk: Buffer) => {
      count(chunk);
      fromSwitch.write(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get flowMods() {
      return flowMods;
    },
    get bundles() {
      return bundles;
    },
    get open() {
      return sockets.size / 2;
    },
    setTarget: (port) => (target = port),
    cut: () => sockets.forEach((socket) => socket.destroy()),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Counts the flow mods and commits in a stream of messages, which come in any pieces. */
function counter(found: (what: "flowMod" | "commit") => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 8 && rest.length >= rest.readUInt16BE(2)) {
      const message = rest.subarray(0, rest.readUInt16BE(2));
      if (message[1] === flowModType) found("flowMod");
      // OFPT_EXPERIMENTER of ONF's: a message in a bundle (BUNDLE_ADD_MESSAGE), or a commit (BUNDLE_CONTROL).
      const type = message[1] === 4 && message.readUInt32BE(8) === 0x4f4e4600 ? message.readUInt32BE(12) : 0;
      if (type === 2301) found("flowMod");
      if (type === 2300 && message.readUInt16BE(20) === 4) found("commit");
      rest = rest.subarray(message.length);
    }
  };
}
