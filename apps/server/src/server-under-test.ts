import { fail } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";

/** A server with the controller half in a process of its own, that can be killed and started again on its state. */
export interface ServerUnderTest {
  /** Calls its API: GET, or POST with a body. */
  readonly ask: <Answer>(path: string, body?: object) => Promise<Answer>;
  /** Ends it as a crash would. */
  readonly kill: () => Promise<void>;
}

export async function startServer(folder: string, openflowPort: number): Promise<ServerUnderTest> {
  const configFile = path.join(folder, "loomstack.json");
  const stateFolder = path.join(folder, "state");
  const host = "127.0.0.1";
  const listens = { http: { host, port: 0 }, openflow: { host, port: openflowPort } };
  await writeFile(configFile, JSON.stringify({ stateFolder, halves: ["controller"], plainTcp: true, ...listens }));
  const main = path.join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [main, "--config", configFile], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const ready = Promise.withResolvers<string>();
  createInterface(child.stdout).on("line", (line) => {
    const { msg, url } = JSON.parse(line) as { readonly msg?: string; readonly url?: string };
    if (msg === "ready" && url !== undefined) ready.resolve(url);
  });
  const url = await Promise.race([ready.promise, ended.then(() => fail("the server ended before it was ready"))]);
  const credentials = await readFile(path.join(stateFolder, "initial-administrator.json"), "utf8");
  const { name, password } = JSON.parse(credentials) as { readonly name: string; readonly password: string };
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
  return {
    async ask<Answer>(call: string, body?: object) {
      const asked = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      const headers = { authorization, "content-type": "application/json" };
      const response = await fetch(`${url}/api/v1${call}`, { headers, ...asked });
      expect(response.ok).toBe(true);
      return (await response.json()) as Answer;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

export async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}
