/** Servers that dial in: real ones, and peers that aren't. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { connect as connectSocket, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Logger, silentLogger, systemClock } from "@loomstack/core";
import { FakeClock, missingOpenVSwitch, startOvsdbDaemon } from "@loomstack/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { openVswitch } from "../schema/open-vswitch.generated.ts";
import type { OvsdbClient } from "./client.ts";
import { listenOvsdb, type ListenOvsdbOptions, type OvsdbListener } from "./listen.ts";

const run = promisify(execFile);

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

interface Listening {
  readonly listener: OvsdbListener;
  /** The next client that hasn't been taken yet. */
  readonly accepted: () => Promise<OvsdbClient>;
}

async function listen(remote: string, options: Partial<ListenOvsdbOptions> = {}): Promise<Listening> {
  const clients: OvsdbClient[] = [];
  let wake = (): void => undefined;
  const onClient = (client: OvsdbClient): void => {
    clients.push(client);
    wake();
  };
  const listener = cleanup.use(
    await listenOvsdb({ remote, clock: systemClock, logger: silentLogger, onClient, ...options }),
  );
  const accepted = async (): Promise<OvsdbClient> => {
    for (;;) {
      const client = clients.shift();
      if (client !== undefined) return client;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { listener, accepted };
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "loomstack-listen-"));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function dial(port: number | undefined): Promise<Socket> {
  const socket = connectSocket({ host: "127.0.0.1", port: port ?? 0 });
  socket.on("error", () => undefined);
  cleanup.defer(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

describe.skipIf(missingOpenVSwitch !== undefined)("ovsdb-server", () => {
  test.each(["ptcp:0:127.0.0.1", "punix"])("dials in at %s, and is a server like any other", async (kind) => {
    const { listener, accepted } = await listen(kind === "punix" ? `punix:${await newFolder()}/in.sock` : kind);
    const daemon = cleanup.use(await startOvsdbDaemon());
    await daemon.vsctl("init");
    const active = listener.port === undefined ? listener.remote.slice(1) : `tcp:127.0.0.1:${listener.port}`;
    await daemon.appctl("ovsdb-server/add-remote", active);
    const client = await accepted();
    expect(listener.clientCount).toBe(1);
    if (kind !== "punix") expect(client.remote).toMatch(/^tcp:127\.0\.0\.1:\d+$/);
    const replica = await client.monitor(openVswitch, { Bridge: ["name"] });
    await daemon.vsctl("add-br", "br0");
    await replica.until(() => [...replica.table("Bridge").values()].some(({ name }) => name === "br0"));

    // It dials again when it is sent away.
    await client[Symbol.asyncDispose]();
    expect(await (await accepted()).listDatabases()).toContain("Open_vSwitch");
    await daemon.kill();
  });

  test("dials in with TLS, and is let in when each side has a certificate of the other's authority only", async () => {
    const folder = await newFolder();
    const [ours, strangers] = [await makeIdentity(folder, "ours"), await makeIdentity(folder, "strangers")];
    let refused = Promise.withResolvers<undefined>();
    const logger: Logger = { ...silentLogger, debug: () => refused.resolve(undefined) };
    const { listener, accepted } = await listen("pssl:0:127.0.0.1", { tls: ours.identity, logger });
    const active = `ssl:127.0.0.1:${listener.port}`;

    const stranger = cleanup.use(
      await startOvsdbDaemon({ listen: "ssl", tlsFiles: { ...strangers.files, ca: ours.files.ca } }),
    );
    await stranger.appctl("ovsdb-server/add-remote", active);
    await refused.promise;
    expect(listener.clientCount).toBe(0);

    await stranger.appctl("ovsdb-server/remove-remote", active);

    const suspicious = cleanup.use(
      await startOvsdbDaemon({ listen: "ssl", tlsFiles: { ...ours.files, ca: strangers.files.ca } }),
    );
    refused = Promise.withResolvers<undefined>();
    await suspicious.appctl("ovsdb-server/add-remote", active);
    await refused.promise;
    expect(listener.clientCount).toBe(0);
    await suspicious.appctl("ovsdb-server/remove-remote", active);

    const daemon = cleanup.use(await startOvsdbDaemon({ listen: "ssl", tlsFiles: ours.files }));
    await daemon.appctl("ovsdb-server/add-remote", active);
    const client = await accepted();
    expect(client.remote).toMatch(/^ssl:127\.0\.0\.1:\d+$/);
    expect(client.peerSubject).toBe("CN=ours");
    expect(await client.getServerId()).toBeTypeOf("string");
  });
});

test.skipIf(missingOpenVSwitch !== undefined)("a switch that goes silent is given up, and makes room", async () => {
  const { listener, accepted } = await listen("ptcp:0:127.0.0.1", { limits: { probeIntervalMs: 30 } });
  const daemon = cleanup.use(await startOvsdbDaemon());
  await daemon.appctl("ovsdb-server/add-remote", `tcp:127.0.0.1:${listener.port}`);
  const client = await accepted();
  await client.listDatabases();
  daemon.freeze();
  expect(await client.closed).toMatchObject({ code: "OVSDB__PEER_SILENT" });
  expect(listener.clientCount).toBe(0);
});

test("more peers than allowed are turned away, and there is room again when one has gone", async () => {
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_, message) => void warnings.push(message) };
  const { listener, accepted } = await listen("ptcp:0:127.0.0.1", { maxClients: 1, logger });
  await dial(listener.port);
  const client = await accepted();
  await Promise.all([dial(listener.port), dial(listener.port)].map(async (socket) => once(await socket, "close")));
  expect([listener.clientCount, warnings]).toEqual([
    1,
    ["too many OVSDB servers dial in; this and later ones were turned away"],
  ]);
  await client[Symbol.asyncDispose]();
  expect(listener.clientCount).toBe(0);
  await dial(listener.port);
  await accepted();
});

test("a peer that isn't an OVSDB server is closed, and the others aren't concerned", async () => {
  const { listener, accepted } = await listen("ptcp:0:127.0.0.1");
  const stranger = await dial(listener.port);
  const client = await accepted();
  await dial(listener.port);
  const other = await accepted();
  stranger.write("GET / HTTP/1.1\r\n\r\n");
  expect(await client.closed).toMatchObject({ code: "OVSDB__MALFORMED_MESSAGE" });
  await expect(Promise.race([other.closed, Promise.resolve("open")])).resolves.toBe("open");
});

test("a TLS handshake that never ends holds its place for a limited time only", async () => {
  const { identity } = await makeIdentity(await newFolder(), "ours");
  const { listener } = await listen("pssl:0:127.0.0.1", { tls: identity, handshakeTimeLimitMs: 50 });
  const socket = await dial(listener.port);
  await once(socket, "close");
  expect(listener.clientCount).toBe(0);
});

test("a client that nobody takes is closed", async () => {
  const onClient = (): never => {
    throw new TypeError("no room");
  };
  const { listener } = await listen("ptcp:0:127.0.0.1", { onClient });
  await once((await dial(listener.port)).resume(), "close");
  expect(listener.clientCount).toBe(0);
});

test("disposing closes the clients and frees the address, whatever peers do", async () => {
  const folder = await newFolder();
  const clock = new FakeClock();
  const { listener, accepted } = await listen(`punix:${folder}/in.sock`, { clock });
  const peer = connectSocket({ path: `${folder}/in.sock` }).resume();
  const client = await accepted();
  const request = expect(client.listDatabases()).rejects.toMatchObject({ code: "OVSDB__CLOSED" });
  await listener[Symbol.asyncDispose]();
  await request;
  peer.destroy();
  expect([await client.closed, clock.waiting]).toEqual([undefined, 0]);
  await expect(stat(`${folder}/in.sock`)).rejects.toThrow("ENOENT");
});

test("a socket file that a killed process left behind is no obstacle, one that is in use is", async () => {
  const path = `${await newFolder()}/in.sock`;
  const script = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 9))`;
  await run(process.execPath, ["-e", script]).catch(() => undefined);
  expect((await stat(path)).isSocket()).toBe(true);
  const { accepted } = await listen(`punix:${path}`);
  await expect(listen(`punix:${path}`)).rejects.toMatchObject({ code: "OVSDB__LISTEN_FAILED" });
  const peer = connectSocket({ path }).resume();
  cleanup.defer(() => void peer.destroy());
  await accepted();
});

test("an address that is taken, or that can't be listened at, is refused with its reason", async () => {
  const { listener } = await listen("ptcp:0:127.0.0.1");
  await expect(listen(listener.remote)).rejects.toMatchObject({ code: "OVSDB__LISTEN_FAILED" });
  await expect(listen("tcp:127.0.0.1:6640")).rejects.toMatchObject({ code: "OVSDB__INVALID_PASSIVE_REMOTE" });
  await expect(listen("pssl:0:127.0.0.1")).rejects.toMatchObject({ code: "OVSDB__TLS_REQUIRED" });
  const tls = { key: "no key", cert: "", ca: "" };
  await expect(listen("pssl:0:127.0.0.1", { tls })).rejects.toMatchObject({ code: "OVSDB__INVALID_TLS" });
});

/** A certificate that is its own authority. */
async function makeIdentity(folder: string, name: string) {
  const files = {
    key: join(folder, `${name}.key`),
    cert: join(folder, `${name}.pem`),
    ca: join(folder, `${name}.pem`),
  };
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", files.key];
  await run("openssl", ["req", "-x509", ...key, "-out", files.cert, "-subj", `/CN=${name}`, "-days", "1"]);
  const cert = await readFile(files.cert, "utf8");
  return { files, identity: { key: await readFile(files.key, "utf8"), cert, ca: cert } };
}
