import { once } from "node:events";
import { mkdtempDisposable, readFile, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { silentLogger } from "@loomstack/core";
import { expect, onTestFinished, test } from "vitest";
import { compose, type Server } from "./compose.ts";
import { type Config, configSchema } from "./config.ts";

/** An administrator's password is hashed at its full cost, which takes its time on a busy machine. */
const slow = { timeout: 60_000 };

async function configOf(more: Partial<Config> = {}): Promise<Config> {
  const folder = await mkdtempDisposable(path.join(tmpdir(), "loomstack-server-"));
  onTestFinished(() => folder.remove());
  const stateFolder = path.join(folder.path, "state");
  const anyPort = { host: "127.0.0.1", port: 0 };
  const config = { stateFolder, halves: ["cloud", "controller"], http: anyPort, openflow: anyPort, plainTcp: true };
  return { ...configSchema.parse(config), ...more };
}

async function started(config: Config): Promise<Server> {
  const server = await compose(config, silentLogger);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

const credentialsFile = ({ stateFolder }: Config): string => path.join(stateFolder, "initial-administrator.json");

/** The headers of a call by the administrator whom the first start has left. */
async function administrator(config: Config): Promise<Readonly<Record<string, string>>> {
  const { name, password } = JSON.parse(await readFile(credentialsFile(config), "utf8")) as Record<string, string>;
  return { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}` };
}

test("both halves answer on one address, to the administrator whom the first start has left", slow, async () => {
  const config = await configOf();
  const { url } = await started(config);
  expect((await stat(credentialsFile(config))).mode & 0o777).toBe(0o600);
  const headers = await administrator(config);
  const status = async (path: string): Promise<number> => (await fetch(url + path, { headers })).status;
  expect(await status("/controller/nb/v2/neutron/networks")).toBe(200);
  expect(await status("/api/v1/hypervisors")).toBe(200);
  expect(await status("/api/v1/health/ready")).toBe(200);
  expect((await fetch(`${url}/nowhere`)).headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
  expect(await status("/client/api?command=listZones")).toBe(401);
});

test("who shows nothing is taken for the user that is configured, by the Networking API alone", slow, async () => {
  const { url } = await started(await configOf({ networking: { anonymousUser: "admin" } }));
  const status = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(url + path, { headers })).status;
  expect(await status("/networking/v2.0/networks")).toBe(200);
  expect(await status("/networking/v2.0/networks", { "x-auth-token": "wrong" })).toBe(401);
  expect(await status("/api/v1/hypervisors")).toBe(401);
  expect(await status("/identity/v3/users")).toBe(401);
});

test("a token counts for as long as is configured", slow, async () => {
  const config = await configOf({ identity: { tokenLifetimeSec: 90 } });
  const { url } = await started(config);
  const { name, password } = JSON.parse(await readFile(credentialsFile(config), "utf8")) as Record<string, string>;
  const auth = { identity: { methods: ["password"], password: { user: { name, password } } } };
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/identity/v3/auth/tokens`, {
    method: "POST",
    headers,
    body: JSON.stringify({ auth }),
  });
  const { token } = (await answer.json()) as { token: { issued_at: string; expires_at: string } };
  expect(Date.parse(token.expires_at) - Date.parse(token.issued_at)).toBe(90_000);
});

test("a half that doesn't run here has no calls here", slow, async () => {
  const { url } = await started(await configOf({ halves: ["cloud"] }));
  expect((await fetch(`${url}/controller/nb/v2/neutron/networks`)).status).toBe(404);
  expect((await fetch(`${url}/api/v1/health`)).status).toBe(200);
});

test("a state folder is one process's, and is free again when that has stopped", slow, async () => {
  const config = await configOf();
  const first = await compose(config, silentLogger);
  await expect(compose(config, silentLogger)).rejects.toMatchObject({ code: "MODEL__STORE_LOCKED" });
  await first[Symbol.asyncDispose]();
  await started(config);
});

test("an address that is taken is named, and nothing is left running", slow, async () => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as { readonly port: number };
  const taken = { host: "127.0.0.1", port } as const;
  const config = await configOf();
  await expect(compose({ ...config, http: { ...taken, trustedProxies: [] } }, silentLogger)).rejects.toMatchObject({
    code: "CONFIG__ADDRESS_UNUSABLE",
    context: taken,
  });
  await expect(compose({ ...config, openflow: taken }, silentLogger)).rejects.toMatchObject({
    code: "OPENFLOW__LISTEN_FAILED",
  });
  // The store would be locked if anything were left.
  await started(config);
});

test("a state folder that can't be made is named", async () => {
  const stateFolder = "/dev/null/state";
  await expect(compose(await configOf({ stateFolder }), silentLogger)).rejects.toMatchObject({
    code: "CONFIG__STATE_FOLDER_UNUSABLE",
    context: { folder: stateFolder },
  });
});

test("a call that waits doesn't hold up the end", slow, async () => {
  const config = await configOf();
  const server = await compose(config, silentLogger);
  const headers = await administrator(config);
  const call = (path: string): Promise<Response> => fetch(server.url + path, { headers });
  expect((await call("/api/v1/revision")).status).toBe(200);
  const waiting = expect(call("/api/v1/revision?wait=1000000")).rejects.toThrow();
  // Once a later call has been answered, the one that waits has been taken up.
  expect((await call("/api/v1/revision")).status).toBe(200);
  await server[Symbol.asyncDispose]();
  await waiting;
});
