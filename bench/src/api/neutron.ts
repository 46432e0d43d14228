/** Debian's Neutron server, as it can be had on one machine: ML2 on SQLite, without Keystone, agents and drivers. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { promisify } from "node:util";
import { LoomstackError } from "@loomstack/core";
import { startDaemon } from "../fabric/daemon.ts";
import { networkingClient } from "./networking-client.ts";
import { deviceOf, type NetworkingServer, project } from "./networking-server.ts";

const program = "/usr/bin/neutron-server";
/** The interpreter that Debian's packages are installed for. */
const python = "/usr/bin/python3";
const database = path.join(import.meta.dirname, "neutron_database.py");
const startLimitMs = 60_000;
const lookEveryMs = 200;

export const hasNeutron = existsSync(program);

export async function startNeutron(): Promise<NetworkingServer> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(path.join(tmpdir(), "loomstack-bench-neutron-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const url = `sqlite:///${folder}/neutron.sqlite?timeout=60`;
  await promisify(execFile)(python, [database, "create", url]);
  const port = await freePort();
  const [main, plugin] = ["neutron.conf", "ml2.ini"].map((name) => path.join(folder, name)) as [string, string];
  await writeFile(main, configuration(folder, url, port));
  await writeFile(plugin, pluginConfiguration);
  const args = ["--config-file", main, "--config-file", plugin];
  starting.use(await startDaemon({ folder, program, args }));
  const client = networkingClient(`http://127.0.0.1:${port}/v2.0`, {});
  await answers(client);
  const running = starting.move();
  return {
    client,
    async fill(networks, count) {
      // One by one they would take a quarter of an hour: those beyond the first of each network are copies of it.
      for (const [index, network_id] of networks.entries()) {
        const body = { network_id, project_id: project, name: `port-${index}`, device_id: deviceOf(index) };
        await client.call(201, "POST", "/ports", { port: body });
      }
      await promisify(execFile)(python, [database, "fill", url, String(count)]);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Waits for the first answer. @throws LAB__TIMEOUT */
async function answers(client: NetworkingServer["client"]): Promise<void> {
  const until = performance.now() + startLimitMs;
  for (;;) {
    try {
      await client.call(200, "GET", "/extensions/provider");
      return;
    } catch {
      if (performance.now() > until)
        throw new LoomstackError("LAB__TIMEOUT", { what: `the start of ${program}`, timeoutMs: startLimitMs });
      await after(lookEveryMs);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}

function configuration(folder: string, url: string, port: number): string {
  return `[DEFAULT]
core_plugin = ml2
service_plugins =
auth_strategy = noauth
bind_host = 127.0.0.1
bind_port = ${port}
api_workers = 1
transport_url = fake://
state_path = ${folder}/state
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
dhcp_agent_notification = false
[database]
connection = ${url}
[oslo_concurrency]
lock_path = ${folder}/lock
[oslo_messaging_notifications]
driver = noop
`;
}

const pluginConfiguration = `[ml2]
type_drivers = vxlan
tenant_network_types = vxlan
mechanism_drivers =
extension_drivers = port_security
[ml2_type_vxlan]
vni_ranges = 1:10000
`;
