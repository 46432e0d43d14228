/** A database that goes silent, without FIN or RST as when its machine loses power, at each moment of a connection. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type Ipv4, silentLogger, type TlsIdentity } from "@loomstack/core";
import { parseRemote } from "@loomstack/ovsdb";
import {
  FakeClock,
  makeTlsIdentities,
  missingOpenVSwitch,
  type OvsdbDaemon,
  startOvsdbDaemon,
  type TlsIdentities,
} from "@loomstack/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { DatabaseSession } from "./database-session.ts";
import { DialledDatabase } from "./dialled-database.ts";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

/** When a connection goes silent, seen from what the client has sent on it. */
interface Moment {
  readonly isReached: (sent: string) => boolean;
  /** How many bytes of the answer still come through. */
  readonly answerBytes?: number;
}

interface Wire extends AsyncDisposable {
  readonly port: number;
  /** How many connections have gone silent. */
  readonly silenced: number;
  /** Makes connections go silent at that moment, those of now included; undefined: no others do. */
  silenceAt(moment: Moment | undefined): void;
  /** Breaks the connections that aren't silent. */
  cut(): void;
}

/** What is between us and a machine: it may swallow all that is sent, and keeps the connection open for ever. */
async function startWire(server: string): Promise<Wire> {
  const [sockets, passing] = [new Set<Socket>(), new Set<Socket>()];
  const target = parseRemote(server);
  let moment: Moment | undefined;
  let silenced = 0;
  const listener = createServer({ noDelay: true }, (client) => {
    const upstream = target.kind === "unix" ? connect({ path: target.path }) : connect(target);
    let [sent, isSilent, answerLeft] = ["", false, 0];
    const look = (): void => {
      if (isSilent || moment?.isReached(sent) !== true) return;
      [isSilent, answerLeft] = [true, moment.answerBytes ?? 0];
      silenced += 1;
      passing.delete(client);
    };
    passing.add(client);
    look();
    client.on("data", (chunk: Buffer) => {
      const wasSilent = isSilent;
      sent += chunk.toString("latin1");
      look();
      if (!isSilent || (!wasSilent && answerLeft > 0)) upstream.write(chunk);
    });
    upstream.on("data", (chunk: Buffer) => {
      const through = isSilent ? chunk.subarray(0, answerLeft) : chunk;
      if (isSilent) answerLeft -= through.length;
      if (through.length > 0) client.write(through);
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        passing.delete(socket);
        if (!isSilent || socket === client) other.destroy();
      });
    }
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: portOf(listener.address()),
    get silenced() {
      return silenced;
    },
    silenceAt: (next) => (moment = next),
    cut: () => passing.forEach((socket) => socket.destroy()),
    async [Symbol.asyncDispose]() {
      const closed = once(listener, "close");
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function portOf(address: ReturnType<ReturnType<typeof createServer>["address"]>): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Sent for the n-th time on a connection. */
function request(method: string, nth = 1): Moment["isReached"] {
  return (sent) => sent.split(`"method":"${method}"`).length > nth;
}

interface Dialled {
  readonly clock: FakeClock;
  /** The connection of now. */
  readonly session: () => DatabaseSession | undefined;
}

function dial(remote: string, tls?: TlsIdentity): Dialled {
  const clock = new FakeClock();
  let session: DatabaseSession | undefined;
  const listener = { opened: (next: DatabaseSession) => void (session = next), failed: () => undefined };
  const common = { address: "127.0.0.1" as Ipv4, random: () => 0, logger: silentLogger };
  const dialled = cleanup.use(new DialledDatabase({ ...common, remote, tls, clock, listener }));
  dialled.start();
  return { clock, session: () => (session?.isOpen === true ? session : undefined) };
}

/** Lets time pass until it is so. */
async function until(clock: FakeClock, isSo: () => boolean): Promise<void> {
  await vi.waitFor(
    () => {
      if (isSo()) return;
      clock.turn(500);
      expect(isSo()).toBe(true);
    },
    { timeout: 10_000, interval: 20 },
  );
}

describe.skipIf(missingOpenVSwitch !== undefined)("with ovsdb-server", () => {
  const daemons = new AsyncDisposableStack();
  let identities: TlsIdentities;
  let daemon: OvsdbDaemon;
  beforeAll(async () => {
    identities = daemons.use(await makeTlsIdentities());
    daemon = daemons.use(await startOvsdbDaemon({ listen: "ssl", tlsFiles: identities.serverFiles }));
    await daemon.vsctl("init");
  });
  afterAll(() => daemons.disposeAsync());

  const opened = async (): Promise<Dialled & { readonly wire: Wire; readonly first: DatabaseSession }> => {
    const wire = cleanup.use(await startWire(daemon.remote));
    const dialled = dial(`tcp:127.0.0.1:${wire.port}`);
    await until(dialled.clock, () => dialled.session() !== undefined);
    const first = dialled.session();
    if (first === undefined) throw new Error("the connection was lost at once");
    return { ...dialled, wire, first };
  };

  test.each<readonly [string, Moment]>([
    ["nothing was answered yet", { isReached: () => true }],
    ["the schema of the server's own database is outstanding", { isReached: request("get_schema") }],
    ["what the server says of its databases is outstanding", { isReached: request("monitor_cond_since") }],
    ["the schema is outstanding", { isReached: request("get_schema", 2) }],
    ["the contents are outstanding", { isReached: request("monitor_cond_since", 2) }],
    ["half of the contents have come", { isReached: request("monitor_cond_since", 2), answerBytes: 100 }],
  ])("a machine that vanishes while %s is dialled again, the first time and later", async (_, moment) => {
    const wire = cleanup.use(await startWire(daemon.remote));
    wire.silenceAt(moment);
    const { clock, session } = dial(`tcp:127.0.0.1:${wire.port}`);
    await vi.waitFor(() => expect(wire.silenced).toBe(1));
    wire.silenceAt(undefined);
    await until(clock, () => session() !== undefined);
    const first = session();
    wire.silenceAt(moment);
    wire.cut();
    await until(clock, () => wire.silenced > 1);
    wire.silenceAt(undefined);
    await until(clock, () => session() !== undefined && session() !== first);
    expect(session()?.tables.Open_vSwitch.size).toBe(1);
  });

  test("a machine that vanishes while nothing is asked of it is noticed, and dialled again", async () => {
    const { wire, clock, session, first } = await opened();
    wire.silenceAt({ isReached: request("echo") });
    await until(clock, () => wire.silenced === 1);
    wire.silenceAt(undefined);
    await until(clock, () => session() !== undefined && session() !== first);
    expect(first.isOpen).toBe(false);
  });

  test("a machine that vanishes while a transaction is outstanding has it rejected, and is dialled again", async () => {
    const { wire, clock, session, first } = await opened();
    wire.silenceAt({ isReached: request("transact") });
    const outcome = expect(first.transact([])).rejects.toMatchObject({ code: "OVSDB__PEER_SILENT" });
    await vi.waitFor(() => expect(wire.silenced).toBe(1));
    wire.silenceAt(undefined);
    await until(clock, () => session() !== undefined && session() !== first);
    await outcome;
  });

  test.each<readonly [string, Moment]>([
    ["at its first word", { isReached: () => true }],
    ["in the middle", { isReached: (sent) => sent !== "", answerBytes: 200 }],
  ])("a machine that vanishes during the handshake of TLS, %s, is dialled again", async (_, moment) => {
    const wire = cleanup.use(await startWire((daemon.networkRemote ?? "").replace(/^ssl:/, "tcp:")));
    wire.silenceAt(moment);
    const { clock, session } = dial(`ssl:127.0.0.1:${wire.port}`, identities.client);
    await vi.waitFor(() => expect(wire.silenced).toBe(1));
    wire.silenceAt(undefined);
    await until(clock, () => session() !== undefined);
    expect(session()?.certificate).toBe("CN=server 7");
  });
});
