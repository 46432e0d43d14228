/** Switches that listen, with and without certificates, and ours that listens for them with certificates. */
import { createServer } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { silentLogger, systemClock, type TlsIdentity } from "@loomstack/core";
import {
  FakeClock,
  makeTlsIdentities,
  missingOpenVSwitch,
  type OvsdbDaemon,
  startOvsdbDaemon,
  type TlsIdentities,
} from "@loomstack/testkit";
import { flowMod } from "../of13/messages/flow-mod.ts";
import { connectToSwitch, type ConnectOptions } from "./dialer.ts";
import { listenForSwitches } from "./listener.ts";
import { parseRemote } from "./remote.ts";
import type { SwitchConnection } from "./switch-connection.ts";

const reason = missingOpenVSwitch === undefined ? "" : ` (skipped: there is no ${missingOpenVSwitch})`;
const parts = { clock: systemClock, logger: silentLogger };
const refused = (options: Partial<ConnectOptions> & { readonly remote: string }): Promise<unknown> =>
  connectToSwitch({ ...parts, ...options }).catch((error: unknown) => error);

describe.skipIf(missingOpenVSwitch !== undefined)(`with Open vSwitch${reason}`, () => {
  let daemon: OvsdbDaemon;
  let identities: TlsIdentities;
  let tls: TlsIdentity;

  beforeAll(async () => {
    [daemon, identities] = await Promise.all([startOvsdbDaemon({ vswitchd: true }), makeTlsIdentities()]);
    const { key, cert, ca } = identities.client;
    tls = { key, cert, ca };
    const files = identities.serverFiles;
    await daemon.vsctl("set-ssl", files.key, files.cert, files.ca);
    await daemon.vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=dummy", "fail_mode=secure");
  }, 30_000);
  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    await identities[Symbol.asyncDispose]();
  });

  const managementSocket = (): string => `unix:${path.join(daemon.folder, "br0.mgmt")}`;

  /** Lets the switch listen on a free port, and gives its number once it does. */
  const listening = async (kind: "ptcp" | "pssl"): Promise<number> => {
    const port = await freePort();
    await daemon.vsctl("set-controller", "br0", `${kind}:${port}:127.0.0.1`);
    return port;
  };

  const manage = async (connection: SwitchConnection): Promise<void> => {
    const flow = { tableId: 0, priority: 5, cookie: 0x99n, match: {}, instructions: [] };
    await connection.apply([flowMod("add", flow)]);
    expect(await connection.dumpFlows({ cookie: 0x99n })).toMatchObject([{ priority: 5 }]);
    connection.close("the test is over");
    expect(await connection.closed).toBeUndefined();
  };

  test("a switch is dialled by its management socket, in each version", async () => {
    for (const version of ["1.0", "1.3", "1.5"] as const) {
      const connection = await connectToSwitch({ ...parts, remote: managementSocket(), versions: [version] });
      expect([connection.version, connection.remoteAddress]).toEqual([version, managementSocket()]);
      await manage(connection);
    }
  });

  test("a switch is dialled over TCP", async () => {
    const port = await listening("ptcp");
    await manage(await connectToSwitch({ ...parts, remote: `tcp:127.0.0.1:${port}` }));
  });

  test("a switch is dialled over TLS, with a certificate of the authority only", async () => {
    const port = await listening("pssl");
    const remote = `ssl:127.0.0.1:${port}`;
    await manage(await connectToSwitch({ ...parts, remote, tls }));
    await using strangers = await makeTlsIdentities();
    const { key, cert } = strangers.client;
    expect(await refused({ remote, tls: { ...tls, key, cert } })).toMatchObject({
      code: expect.stringMatching(/OPENFLOW__(CONNECT_FAILED|CONNECTION_CLOSED)/) as string,
    });
    expect(await refused({ remote, tls: { ...tls, ca: strangers.client.ca } })).toMatchObject({
      code: "OPENFLOW__CONNECT_FAILED",
    });
    expect(await refused({ remote })).toMatchObject({ code: "OPENFLOW__CONNECT_FAILED" });
  });

  test("a switch connects to us over TLS", async () => {
    const { promise, resolve } = Promise.withResolvers<SwitchConnection>();
    await using listener = await listenForSwitches({ ...parts, host: "127.0.0.1", port: 0, tls, onSwitch: resolve });
    await daemon.vsctl("set-controller", "br0", `ssl:127.0.0.1:${listener.port}`);
    await manage(await promise);
  });

  test("a version that the switch doesn't speak is told by what it offers", async () => {
    await daemon.vsctl("set", "bridge", "br0", "protocols=OpenFlow10,OpenFlow15");
    const error = await refused({ remote: managementSocket() });
    expect(error).toMatchObject({ code: "OPENFLOW__UNSUPPORTED_VERSION", context: { offered: "version 1, 6" } });
    await daemon.vsctl("clear", "bridge", "br0", "protocols");
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A server that accepts and says nothing. */
async function silentServer(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((socket) => socket.on("error", () => undefined));
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("where nobody listens, the error says so", async () => {
  expect(await refused({ remote: `tcp:127.0.0.1:${await freePort()}` })).toMatchObject({
    code: "OPENFLOW__CONNECT_FAILED",
  });
  expect(await refused({ remote: "unix:/nonexistent/br0.mgmt" })).toMatchObject({ code: "OPENFLOW__CONNECT_FAILED" });
});

test("dialling is given up when it is no longer wanted, before and during the handshake", async () => {
  await using server = await silentServer();
  const remote = `tcp:127.0.0.1:${server.port}`;
  expect(await refused({ remote, signal: AbortSignal.abort() })).toMatchObject({ code: "OPENFLOW__CONNECT_FAILED" });
  const controller = new AbortController();
  const dialling = refused({ remote, signal: controller.signal });
  setImmediate(() => controller.abort());
  expect(await dialling).toMatchObject({
    code: "OPENFLOW__CONNECT_FAILED",
    message: expect.stringContaining("given up") as string,
  });
});

test("a peer that never completes the handshake is given up", async () => {
  await using server = await silentServer();
  const clock = new FakeClock();
  const dialling = refused({ remote: `tcp:127.0.0.1:${server.port}`, clock });
  while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.turn(10_000);
  expect(await dialling).toMatchObject({ code: expect.stringMatching(/TIMEOUT|CONNECT_FAILED/) as string });
  const tls = { key: "", cert: "", ca: "" };
  const secure = refused({ remote: `ssl:127.0.0.1:${server.port}`, clock, tls });
  while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.turn(10_000);
  expect(await secure).toMatchObject({ code: "OPENFLOW__CONNECT_FAILED" });
});

test("a peer that closes or resets the connection in the middle of the handshake is told so", async () => {
  for (const end of ["destroy", "resetAndDestroy"] as const) {
    const peer = createServer((socket) => socket.once("data", () => socket[end]()));
    await new Promise<void>((resolve) => peer.listen(0, "127.0.0.1", resolve));
    const { port } = peer.address() as { readonly port: number };
    expect(await refused({ remote: `tcp:127.0.0.1:${port}` })).toMatchObject({ code: "OPENFLOW__CONNECTION_CLOSED" });
    await new Promise((resolve) => peer.close(resolve));
  }
});

test("remotes are read as ovs-ofctl has them", () => {
  expect(parseRemote("tcp:10.0.0.1:6633")).toEqual({ kind: "tcp", host: "10.0.0.1", port: 6633 });
  expect(parseRemote("ssl:[2001:db8::1]:7")).toEqual({ kind: "ssl", host: "2001:db8::1", port: 7 });
  expect(parseRemote("tcp:switch.example")).toEqual({ kind: "tcp", host: "switch.example", port: 6653 });
  expect(parseRemote("unix:/a:b/c")).toEqual({ kind: "unix", path: "/a:b/c" });
  for (const wrong of ["", "tcp:", "udp:10.0.0.1", "tcp:10.0.0.1:0", "tcp:10.0.0.1:65536", "tcp:2001:db8::1", "unix:"])
    expect(() => parseRemote(wrong), wrong).toThrow("is no address of a switch");
});
