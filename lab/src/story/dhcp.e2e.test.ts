/** How guests come to their IPv4 addresses and names: with busybox's DHCP client and resolver. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { silentLogger } from "@loomstack/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hypervisorAt } from "../lab.ts";
import { createLightGuest, type LightGuest } from "../light-guest.ts";
import type { CommandResult } from "../process.ts";
import { neutron } from "./controller-client.ts";
import { connectPath, type ControllerWorld, makeNetwork, openControllerWorld, portBody } from "./controller-world.ts";
import { parsePing } from "./ping.ts";

const script = fileURLToPath(new URL("../udhcpc-script.sh", import.meta.url));
const domain = "loomstack.internal";
const server = "169.254.169.253";
let world: ControllerWorld;
let folder: string;
let place: { readonly network: string; readonly subnet: string };

beforeAll(async () => {
  world = await openControllerWorld(silentLogger);
  folder = await mkdtemp(path.join(tmpdir(), "loomstack-udhcpc-"));
  for (const host of [0, 1]) await world.controller.expect(200, "PUT", connectPath(world.lab, host));
  place = await makeNetwork(world.controller, "vxlan");
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

type Guest = LightGuest & { readonly portId: string; readonly number: number };

/** A port, and a guest for it on that hypervisor, which is told nothing. */
async function plug(host: number, number: number, change: object = {}): Promise<Guest> {
  const port = { ...portBody({ ...place, number }), ...change };
  await world.controller.expect(201, "POST", `${neutron}/ports`, { port });
  const guest = await createLightGuest(hypervisorAt(world.lab, host), {
    ...{ portId: port.id, mac: port.mac_address, bridge: "br-int", mtu: 1_500 },
  });
  await world.controller.portActive(port.id);
  return { ...guest, portId: port.id, number };
}

const leaseFile = ({ portId }: Guest): string => path.join(folder, portId);

/** Makes a guest a DHCP server, which gives .200 to .210 for an hour. */
async function runServer(guest: Guest): Promise<void> {
  const [config, leases, pidFile] = ["conf", "leases", "pid"].map((name) =>
    path.join(folder, `${guest.portId}.${name}`),
  );
  await writeFile(leases ?? "", "");
  const range =
    "start 192.168.7.200\nend 192.168.7.210\ninterface eth0\noption subnet 255.255.255.0\noption lease 3600\n";
  await writeFile(config ?? "", `${range}lease_file ${leases}\npidfile ${pidFile}\nremaining no\n`);
  await guest.run("sh", ["-c", `busybox udhcpd ${config} >/dev/null 2>&1`]);
  await expect.poll(async () => readFile(pidFile ?? "", "utf8").catch(() => "")).not.toBe("");
}

/** Runs the client until it has a lease, or gives up. */
async function runClient(guest: Guest, ...args: readonly string[]): Promise<CommandResult> {
  const asked = ["-O", "mtu", "-O", "staticroutes", "-x", "hostname:guest"];
  const patience = ["-n", "-q", "-f", "-t", "3", "-T", "1"];
  const env = { LEASE_FILE: leaseFile(guest) };
  return guest.run("busybox", ["udhcpc", "-i", "eth0", "-s", script, ...patience, ...asked, ...args], { env });
}

/** Runs the client until it has a lease, and goes on in the background; gives its process id. */
async function startClient(guest: Guest): Promise<string> {
  const pidFile = path.join(folder, `${guest.portId}.client`);
  const client = `busybox udhcpc -i eth0 -s ${script} -O staticroutes -p ${pidFile} >/dev/null 2>&1`;
  await guest.run("sh", ["-c", client], { env: { LEASE_FILE: leaseFile(guest) } });
  return (await readFile(pidFile, "utf8")).trim();
}

const received = async (guest: Guest, address: string): Promise<number> =>
  parsePing((await guest.run("ping", ["-c", "3", "-i", "0.2", "-W", "1", address])).stdout).received;
const lookUp = async (guest: Guest, name: string): Promise<CommandResult> =>
  guest.run("busybox", ["nslookup", name, server]);

test("guests on two hypervisors get their own addresses, the MTU and the routes, and reach each other", async () => {
  const subnet = { host_routes: [{ destination: "10.9.0.0/16", nexthop: "192.168.7.7" }] };
  await world.controller.expect(200, "PUT", `${neutron}/subnets/${place.subnet}`, { subnet });
  await using a = await plug(0, 11);
  await using b = await plug(1, 12);
  for (const guest of [a, b]) {
    expect(await runClient(guest)).toMatchObject({ exitCode: 0 });
    expect((await guest.run("ip", ["-br", "-4", "address", "show", "dev", "eth0"])).stdout).toContain(
      ` 192.168.7.${guest.number}/24`,
    );
    expect((await guest.run("cat", ["/sys/class/net/eth0/mtu"])).stdout.trim()).toBe("1450");
    const routes = (await guest.run("ip", ["route"])).stdout;
    expect(routes).toContain("default via 192.168.7.1 dev eth0");
    expect(routes).toContain("10.9.0.0/16 via 192.168.7.7 dev eth0");
    expect(routes).toContain(`${server} dev eth0`);
    expect((await readFile(leaseFile(guest), "utf8")).split("\n")).toEqual([
      ...["event=bound", `server=${server}`, "lease=86400", `dns=${server}`, `domain=${domain}`],
      ...[`hostname=host-192-168-7-${guest.number}`, ""],
    ]);
  }
  expect(await received(a, "192.168.7.12")).toBe(3);
});

test("guests resolve each other's names and addresses, and hear at once that other names are not known", async () => {
  await using a = await plug(0, 21);
  await using b = await plug(1, 22);
  for (const guest of [a, b]) await runClient(guest);
  const name = `host-192-168-7-22.${domain}`;
  expect((await lookUp(a, name)).stdout).toContain("192.168.7.22");
  expect((await lookUp(a, "192.168.7.22")).stdout).toContain(name);
  const port = { dns_name: "web" };
  await world.controller.expect(200, "PUT", `${neutron}/ports/${b.portId}`, { port });
  await expect.poll(async () => (await lookUp(a, `web.${domain}`)).stdout).toContain("192.168.7.22");
  expect((await lookUp(b, `nobody.${domain}`)).stdout).toContain("NXDOMAIN");
  expect((await lookUp(b, "example.org")).stdout).toContain("REFUSED");
});

test("a guest that asks for another's address gets its own, and not that of a guest that is a DHCP server", async () => {
  await using a = await plug(0, 31);
  await using rogue = await plug(0, 32);
  await runClient(rogue);
  await runServer(rogue);
  expect(await runClient(a, "-r", "192.168.7.32")).toMatchObject({ exitCode: 0 });
  expect((await a.run("ip", ["-br", "-4", "address", "show", "dev", "eth0"])).stdout).toContain("192.168.7.31/24");
  expect(await readFile(leaseFile(a), "utf8")).toContain(`server=${server}`);
});

test("a guest whose addresses nobody told us gets one of another server, and what it has is learnt, until it gives it back", async () => {
  await using server = await plug(1, 33, { port_security_enabled: false });
  await runClient(server);
  await runServer(server);
  await using a = await plug(0, 34, { fixed_ips: [] });
  const learnt = async (): Promise<string> => {
    const path = `/api/v1/ports/${a.portId}`;
    const port = await world.controller.get<{ learntAddresses: { address: string; source: string }[] }>(path);
    return port.learntAddresses.map(({ address, source }) => `${address} ${source}`).join();
  };
  expect(await runClient(a)).toMatchObject({ exitCode: 0 });
  await expect.poll(learnt).toMatch(/^192\.168\.7\.20\d dhcp$/);
  const [address = ""] = (await learnt()).split(" ");
  expect((await a.run("ip", ["-br", "-4", "address", "show", "dev", "eth0"])).stdout).toContain(`${address}/24`);
  expect(await received(server, address)).toBe(3);
  // The kernel asks whether anybody has the address, and gets no answer.
  await a.run("ip", ["-6", "address", "add", "2001:db8:7::34/64", "dev", "eth0"]);
  await expect.poll(learnt, { timeout: 10_000 }).toBe(`${address} dhcp,2001:db8:7::34 nd`);
  await a.run("kill", ["-USR2", await startClient(a)]);
  await expect.poll(learnt, { timeout: 10_000 }).toBe("2001:db8:7::34 nd");
});

test("a guest renews its lease with the server itself", async () => {
  await using a = await plug(0, 36);
  const pid = await startClient(a);
  const event = async (): Promise<string> => (await readFile(leaseFile(a), "utf8")).split("\n")[0] ?? "";
  expect(await event()).toBe("event=bound");
  // In this state the client sends by a socket of its own, to the server's address: who has that is asked by ARP.
  await a.run("kill", ["-USR1", pid]);
  await expect.poll(event, { timeout: 10_000 }).toBe("event=renew");
  expect((await a.run("ip", ["neighbour", "show", server])).stdout).toContain("02:4c:53:00:00:06");
});

test("while the controller is dead, guests keep their addresses; one that comes meanwhile gets its own as soon as it is back", async () => {
  await using a = await plug(0, 41);
  await using b = await plug(1, 42);
  await using late = await plug(1, 43);
  for (const guest of [a, b]) await runClient(guest);
  await world.server.stop("SIGKILL");
  expect((await runClient(late)).exitCode).not.toBe(0);
  expect(await received(a, "192.168.7.42")).toBe(3);
  await world.server.start();
  await expect.poll(async () => (await runClient(late)).exitCode, { timeout: 30_000 }).toBe(0);
  expect(await received(late, "192.168.7.41")).toBe(3);
});

test("a subnet whose DHCP is switched off answers no more, and a guest may ask another server", async () => {
  await using a = await plug(0, 51);
  const answering = async (): Promise<boolean> =>
    (await hypervisorAt(world.lab, 0).ofctl("dump-flows", "br-int")).includes("tp_src=68,tp_dst=67 actions=CONTROLLER");
  expect(await answering()).toBe(true);
  const change = async (enable_dhcp: boolean): Promise<unknown> =>
    world.controller.expect(200, "PUT", `${neutron}/subnets/${place.subnet}`, { subnet: { enable_dhcp } });
  await change(false);
  await expect.poll(answering, { timeout: 10_000 }).toBe(false);
  expect((await runClient(a)).exitCode).not.toBe(0);
  await change(true);
  await expect.poll(answering, { timeout: 10_000 }).toBe(true);
  expect(await runClient(a)).toMatchObject({ exitCode: 0 });
});
