/** A server with the controller half as a process of its own, for tests. */
import { fail } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const source = path.resolve(import.meta.dirname, "../../../server/src/main.ts");

export interface ServerProcess extends AsyncDisposable {
  /** Of its HTTP API. */
  readonly url: string;
  /** Where it waits for switches, on 127.0.0.1. */
  readonly openflowPort: number;
  /** The file with the first administrator's credentials. */
  readonly credentialsFile: string;
}

/**
 * Starts it with an empty state folder, and resolves when it answers; disposing ends it and removes the folder.
 *
 * @param program default: the server's source
 */
export async function startServer(program = source): Promise<ServerProcess> {
  const folder = await mkdtempDisposable(path.join(tmpdir(), "loomstack-cli-"));
  const stateFolder = path.join(folder.path, "state");
  const openflowPort = await unusedPort();
  const host = "127.0.0.1";
  const addresses = { http: { host, port: 0 }, openflow: { host, port: openflowPort } };
  const configFile = path.join(folder.path, "loomstack.json");
  await writeFile(configFile, JSON.stringify({ stateFolder, halves: ["controller"], plainTcp: true, ...addresses }));
  const child = spawn(process.execPath, [program, "--config", configFile], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const ready = Promise.withResolvers<string>();
  createInterface(child.stdout).on("line", (line) => {
    const { msg, url } = JSON.parse(line) as { readonly msg?: string; readonly url?: string };
    if (msg === "ready" && url !== undefined) ready.resolve(url);
  });
  const url = await Promise.race([ready.promise, ended.then(() => fail("the server has ended before it was ready"))]);
  return {
    url,
    openflowPort,
    credentialsFile: path.join(stateFolder, "initial-administrator.json"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
      await folder.remove();
    },
  };
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}
