import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { LoomstackError } from "@loomstack/core";
import { networkingClient } from "./networking-client.ts";
import { deviceOf, type NetworkingServer, project } from "./networking-server.ts";

const main = path.resolve(import.meta.dirname, "../../../apps/server/src/main.ts");
/** How many ports one request makes while the server is filled. */
const bulk = 500;

/** Our server, with the controller half and no hypervisors, on a store of its own. */
export async function startOurs(): Promise<NetworkingServer> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), "loomstack-bench-api-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const stateFolder = path.join(folder, "state");
  const anyPort = { host: "127.0.0.1", port: 0 };
  const config = { stateFolder, halves: ["controller"], plainTcp: true, http: anyPort, openflow: anyPort };
  const configFile = path.join(folder, "loomstack.json");
  await writeFile(configFile, JSON.stringify(config));
  const args = ["--pdeathsig", "KILL", process.execPath, main, "--config", configFile];
  const child = spawn("setpriv", args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  starting.defer(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const ready = Promise.withResolvers<string>();
  createInterface(child.stdout).on("line", (line) => {
    const { msg, url } = JSON.parse(line) as { readonly msg?: string; readonly url?: string };
    if (msg === "ready" && url !== undefined) ready.resolve(url);
  });
  const gone = ended.then(() => {
    throw new LoomstackError("CORE__UNREACHABLE", { what: "our server ended before it was ready" });
  });
  const url = await Promise.race([ready.promise, gone]);
  gone.catch(() => undefined);
  const file = await readFile(path.join(stateFolder, "initial-administrator.json"), "utf8");
  const { name, password } = JSON.parse(file) as { readonly name: string; readonly password: string };
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
  const client = networkingClient(`${url}/networking/v2.0`, { authorization });
  const running = starting.move();
  return {
    client,
    async fill(networks, count) {
      for (let first = 0; first < count; first += bulk) {
        const ports = Array.from({ length: Math.min(bulk, count - first) }, (_, index) => {
          const number = first + index;
          const network_id = networks[number % networks.length];
          return { network_id, project_id: project, name: `port-${number}`, device_id: deviceOf(number) };
        });
        await client.call(201, "POST", "/ports", { ports });
      }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
