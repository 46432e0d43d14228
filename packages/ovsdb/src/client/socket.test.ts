/** What stands between a remote's text and a connection: names, addresses, certificates. */
import dns from "node:dns";
import { createServer } from "node:net";
import { silentLogger, systemClock } from "@loomstack/core";
import { makeTlsIdentities, missingOpenVSwitch, startOvsdbDaemon, startOvsdbServer } from "@loomstack/testkit";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { OvsdbClient } from "./client.ts";
import { connectOvsdb, type ConnectOvsdbOptions } from "./connect.ts";

let cleanup = new AsyncDisposableStack();
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await cleanup.disposeAsync();
  cleanup = new AsyncDisposableStack();
});

async function connect(remote: string, options: Partial<ConnectOvsdbOptions> = {}): Promise<OvsdbClient> {
  return cleanup.use(await connectOvsdb({ remote, clock: systemClock, logger: silentLogger, ...options }));
}

const host = "ovsdb.example";

type Tell = (error: Error | null, found?: readonly dns.LookupAddress[]) => void;

/** Answers whoever looks for a name. */
function answerLookups(answer: (tell: Tell) => void): void {
  const lookup = (_: string, __: object, tell: Tell): void => void setImmediate(() => answer(tell));
  vi.spyOn(dns, "lookup").mockImplementation(lookup as typeof dns.lookup);
}

/** Lets every name have these addresses. */
function resolveTo(...addresses: readonly (readonly [address: string, family: 4 | 6])[]): void {
  answerLookups((tell) =>
    tell(
      null,
      addresses.map(([address, family]) => ({ address, family })),
    ),
  );
}

function portOf(remote: string): string {
  return remote.slice(remote.lastIndexOf(":") + 1);
}

test("of a name with several addresses the first that answers is taken", async () => {
  const server = cleanup.use(await startOvsdbServer());
  resolveTo(["::1", 6], ["127.0.0.2", 4], ["127.0.0.1", 4]);
  const client = await connect(`tcp:${host}:${portOf(server.remote)}`);
  expect(await client.listDatabases()).toEqual(["Open_vSwitch"]);
});

test("a name none of whose addresses answers is told with the reason of each", async () => {
  const server = await startOvsdbServer();
  const port = portOf(server.remote);
  await server[Symbol.asyncDispose]();
  resolveTo(["127.0.0.2", 4], ["127.0.0.1", 4]);
  await expect(connect(`tcp:${host}:${port}`)).rejects.toMatchObject({
    code: "OVSDB__CONNECT_FAILED",
    context: { reason: expect.stringMatching(/127\.0\.0\.2.*; .*127\.0\.0\.1/) as string },
  });
});

test("a name that can't be resolved is told as such", async () => {
  answerLookups((tell) => tell(new URIError("getaddrinfo ENOTFOUND")));
  await expect(connect(`tcp:${host}`)).rejects.toMatchObject({
    code: "OVSDB__CONNECT_FAILED",
    context: { reason: expect.stringContaining("ENOTFOUND") as string },
  });
});

test("a server that accepts and never shakes hands is given up", async () => {
  const { client: tls } = cleanup.use(await makeTlsIdentities());
  const server = createServer().listen(0, "127.0.0.1");
  cleanup.defer(() => void server.close());
  server.on("connection", (socket) => cleanup.defer(() => void socket.destroy()));
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const connecting = connect(`ssl:127.0.0.1:${port}`, { tls, connectTimeLimitMs: 50 });
  await expect(connecting).rejects.toMatchObject({ code: "OVSDB__CONNECT_TIMEOUT", context: { limitMs: 50 } });
});

describe.skipIf(missingOpenVSwitch !== undefined)("with TLS", () => {
  test("a server is reached by a name with several addresses, and known by its authority", async () => {
    const ours = cleanup.use(await makeTlsIdentities());
    const daemon = cleanup.use(await startOvsdbDaemon({ listen: "ssl", tlsFiles: ours.serverFiles }));
    resolveTo(["127.0.0.2", 4], ["127.0.0.1", 4]);
    const client = await connect(`ssl:${host}:${portOf(daemon.networkRemote ?? "")}`, { tls: ours.client });
    expect(await client.listDatabases()).toContain("Open_vSwitch");
  });

  test("a stranger isn't trusted, even where the environment says that all are", async () => {
    const [ours, strangers] = [cleanup.use(await makeTlsIdentities()), cleanup.use(await makeTlsIdentities())];
    const daemon = cleanup.use(await startOvsdbDaemon({ listen: "ssl", tlsFiles: ours.serverFiles }));
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const tls = { ...ours.client, ca: strangers.client.ca };
    await expect(connect(daemon.networkRemote ?? "", { tls })).rejects.toMatchObject({
      code: "OVSDB__CONNECT_FAILED",
    });
  });
});
