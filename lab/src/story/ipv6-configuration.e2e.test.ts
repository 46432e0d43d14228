/** How guests come to their IPv6 addresses: with the kernel's own SLAAC, and with a DHCPv6 client that others wrote. */
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { silentLogger } from "@loomstack/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hypervisorAt } from "../lab.ts";
import { createLightGuest, type LightGuest } from "../light-guest.ts";
import { neutron } from "./controller-client.ts";
import { connectPath, type ControllerWorld, openControllerWorld } from "./controller-world.ts";
import { parsePing } from "./ping.ts";

const script = fileURLToPath(new URL("../fixtures/dhclient-script.sh", import.meta.url));
const soon = { timeout: 30_000, interval: 200 };
let world: ControllerWorld;
let folder: string;

beforeAll(async () => {
  world = await openControllerWorld(silentLogger);
  folder = await mkdtemp(path.join(tmpdir(), "loomstack-dhclient-"));
  // As ovs-ctl writes it: without, Open vSwitch isn't known to be able to answer neighbour solicitations.
  await hypervisorAt(world.lab, 0).vsctl("set", "Open_vSwitch", ".", "ovs_version=3.1.0");
  for (const host of [0, 1]) await world.controller.expect(200, "PUT", connectPath(world.lab, host));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

type Mode = "slaac" | "dhcpv6-stateful" | "dhcpv6-stateless";

/** A network whose packets have at most 1400 bytes. */
async function makeNetwork(): Promise<{ readonly network: string }> {
  const network = randomUUID();
  const body = { id: network, name: "", tenant_id: "t", shared: false, "provider:network_type": "vxlan", mtu: 1400 };
  await world.controller.expect(201, "POST", `${neutron}/networks`, { network: body });
  return { network };
}

/** A subnet 2001:db8:7::/64, where guests configure themselves in this mode; gives its id. */
async function makeSubnet(network: string, mode: Mode): Promise<string> {
  const subnet = randomUUID();
  const modes = { ipv6_ra_mode: mode, ipv6_address_mode: mode, dns_nameservers: ["2001:db8:7::53"] };
  const prefix = { ip_version: 6, cidr: "2001:db8:7::/64", gateway_ip: null };
  const body = { id: subnet, network_id: network, tenant_id: "t", ...prefix, ...modes };
  await world.controller.expect(201, "POST", `${neutron}/subnets`, { subnet: body });
  return subnet;
}

interface Guest extends LightGuest {
  readonly portId: string;
}

/** A port, and a guest for it on that hypervisor, which is told nothing. */
async function plug(network: string, host: number, number: number): Promise<Guest> {
  const mac = `02:00:00:00:07:${number.toString(16).padStart(2, "0")}`;
  const owner = { name: "", tenant_id: "t", device_id: randomUUID(), admin_state_up: true };
  const port = { id: randomUUID(), network_id: network, mac_address: mac, ...owner };
  await world.controller.expect(201, "POST", `${neutron}/ports`, { port });
  const guest = await createLightGuest(hypervisorAt(world.lab, host), { portId: port.id, mac, bridge: "br-int" });
  await world.controller.portActive(port.id);
  await hasLinkLocal(guest);
  return { ...guest, portId: port.id };
}

/** Clients start once the interface has an address that is its own, as ifup has it. */
async function hasLinkLocal(guest: LightGuest): Promise<void> {
  const settled = ["-6", "address", "show", "dev", "eth0", "scope", "link", "-tentative"];
  await expect.poll(async () => (await guest.run("ip", settled)).stdout, soon).toContain("fe80");
}

/** The addresses that intent gives the guest's port. */
async function intended({ portId }: Guest): Promise<string[]> {
  type Body = { readonly port: { readonly fixed_ips: readonly { readonly ip_address: string }[] } };
  const { port } = await world.controller.get<Body>(`${neutron}/ports/${portId}`);
  return port.fixed_ips.map((one) => one.ip_address);
}

/** The global addresses that the guest's kernel has, with their lifetimes in seconds. */
async function addressesOf(guest: LightGuest): Promise<Record<string, { valid: number; preferred: number }>> {
  const { stdout } = await guest.run("ip", ["-json", "-6", "address", "show", "dev", "eth0", "scope", "global"]);
  const [link] = JSON.parse(stdout || "[]") as { addr_info?: Record<string, unknown>[] }[];
  return Object.fromEntries(
    (link?.addr_info ?? [])
      .filter((one) => one["tentative"] !== true && one["local"] !== undefined)
      .map((one) => [
        String(one["local"]),
        { valid: Number(one["valid_life_time"]), preferred: Number(one["preferred_life_time"]) },
      ]),
  );
}

async function ping(from: LightGuest, to: string): Promise<number> {
  return parsePing((await from.run("ping", ["-c", "3", "-i", "0.2", "-W", "1", to])).stdout).received;
}

/** Runs dhclient in the guest until it has an answer, and gives what it was told. */
async function dhclient(guest: Guest, ...args: string[]): Promise<Record<string, string>> {
  const file = (name: string): string => path.join(folder, `${guest.portId}.${name}`);
  const files = ["-lf", file("leases"), "-pf", file("pid"), "-sf", script, "-e", `TOLD=${file("told")}`];
  const result = await guest.run("timeout", ["30", "dhclient", "-6", "-1", "-v", ...files, ...args, "eth0"]);
  expect(result.stderr + result.stdout).not.toContain("Unable to obtain a lease");
  const told = await readFile(file("told"), "utf8");
  return Object.fromEntries(
    told
      .trim()
      .split("\n")
      .map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]),
  );
}

/** The IPv6 address that the network itself says a name of its has; "" for none. */
async function resolve(guest: LightGuest, name: string): Promise<string> {
  const labels = [name, "loomstack", "internal"].map((label) => `bytes([${label.length}])+b"${label}"`).join("+");
  const program = [
    "import socket",
    "s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "s.settimeout(5)",
    `q = bytes.fromhex("12340100000100000000") + bytes(2) + ${labels} + bytes([0, 0, 28, 0, 1])`,
    's.sendto(q, ("fe80::4c:53ff:fe00:6", 53, 0, socket.if_nametoindex("eth0")))',
    "a = s.recv(1500)",
    'print(socket.inet_ntop(socket.AF_INET6, a[-16:]) if a[7] else "")',
  ];
  const { stdout, stderr } = await guest.run("python3", ["-c", program.join("\n")]);
  expect(stderr).toBe("");
  return stdout.trim();
}

/** Sends a router advertisement for 2001:db8:bad::/64, as a router that wants to be the default one. */
async function advertiseAsRouter(guest: LightGuest): Promise<void> {
  const prefix = "030440c0ffffffffffffffff0000000020010db80bad00000000000000000000";
  const program = [
    "import socket",
    "s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)",
    "s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)",
    `s.sendto(bytes.fromhex("86000000400007080000000000000000${prefix}"), ("ff02::1", 0, 0, socket.if_nametoindex("eth0")))`,
  ];
  const { exitCode, stderr } = await guest.run("python3", ["-c", program.join("\n")]);
  expect([exitCode, stderr]).toEqual([0, ""]);
}

test("guests' kernels make the addresses that intent gives their ports, learn the MTU, and have no default route", async () => {
  const { network } = await makeNetwork();
  await makeSubnet(network, "slaac");
  await using a = await plug(network, 0, 11);
  await using b = await plug(network, 1, 12);
  const own = { a: "2001:db8:7::ff:fe00:70b", b: "2001:db8:7::ff:fe00:70c" };
  expect([await intended(a), await intended(b)]).toEqual([[own.a], [own.b]]);
  for (const [guest, address] of [[a, own.a] as const, [b, own.b] as const]) {
    await expect.poll(async () => Object.keys(await addressesOf(guest)), soon).toEqual([address]);
    expect((await guest.run("cat", ["/proc/sys/net/ipv6/conf/eth0/mtu"])).stdout).toBe("1400\n");
    expect((await guest.run("ip", ["-6", "route", "show", "default"])).stdout).toBe("");
  }
  expect(await ping(a, own.b)).toBe(3);

  // Nobody has the router's address, and its question is answered all the same.
  const router = "fe80::4c:53ff:fe00:6%eth0";
  await a.run("ip", ["-6", "neigh", "flush", "dev", "eth0"]);
  await a.run("ping", ["-c", "1", "-W", "1", router]);
  const { stdout } = await a.run("ip", ["-6", "neigh", "show", "to", router.replace("%eth0", ""), "dev", "eth0"]);
  expect(stdout).toContain("02:4c:53:00:00:06 REACHABLE");

  // The ping comes after the advertisement, by the same way.
  await advertiseAsRouter(b);
  expect(await ping(b, own.a)).toBe(3);
  expect(Object.keys(await addressesOf(a))).toEqual([own.a]);
  expect((await a.run("ip", ["-6", "route", "show", "default"])).stdout).toBe("");
  // Whose port security is off may be a router.
  const port = { port_security_enabled: false };
  await world.controller.expect(200, "PUT", `${neutron}/ports/${b.portId}`, { port });
  await world.controller.portActive(b.portId);
  await advertiseAsRouter(b);
  await expect.poll(async () => (await a.run("ip", ["-6", "route", "show", "default"])).stdout, soon).toContain("ra");
});

test("a guest whose subnet names no resolvers asks the network itself for names, over IPv6", async () => {
  const { network } = await makeNetwork();
  const subnet = await makeSubnet(network, "slaac");
  const named = { subnet: { dns_nameservers: [] } };
  await world.controller.expect(200, "PUT", `${neutron}/subnets/${subnet}`, named);
  await using a = await plug(network, 0, 41);
  await using b = await plug(network, 1, 42);
  for (const guest of [a, b])
    expect(await resolve(guest, "host-2001-db8-7--ff-fe00-72a")).toBe("2001:db8:7::ff:fe00:72a");
});

test("a guest that doesn't ask hears of a subnet that comes, and of one that goes", async () => {
  const { network } = await makeNetwork();
  await using a = await plug(network, 0, 31);
  await a.run("sysctl", ["-w", "net.ipv6.conf.eth0.router_solicitations=0"]);
  await a.run("ip", ["link", "set", "eth0", "down"]);
  await a.run("ip", ["link", "set", "eth0", "up"]);
  await hasLinkLocal(a);
  const subnet = await makeSubnet(network, "slaac");
  const own = "2001:db8:7::ff:fe00:71f";
  expect(await intended(a)).toEqual([own]);
  await expect.poll(async () => (await addressesOf(a))[own]?.preferred, soon).toBeGreaterThan(6 * 86_400);
  await world.controller.expect(204, "DELETE", `${neutron}/subnets/${subnet}`);
  await expect.poll(async () => (await addressesOf(a))[own]?.preferred, soon).toBe(0);
  expect(await intended(a)).toEqual([]);
});

test("a DHCPv6 client gets its port's address and the settings, and keeps them while the controller is dead", async () => {
  const { network } = await makeNetwork();
  await makeSubnet(network, "dhcpv6-stateful");
  await using a = await plug(network, 0, 21);
  await using b = await plug(network, 1, 22);
  const own = { a: (await intended(a))[0] ?? "", b: (await intended(b))[0] ?? "" };
  for (const [guest, address] of [[a, own.a] as const, [b, own.b] as const]) {
    const told = await dhclient(guest);
    expect(told).toMatchObject({ reason: "BOUND6", new_ip6_address: address, new_max_life: "86400" });
    expect(told).toMatchObject({
      new_dhcp6_name_servers: "2001:db8:7::53",
      new_dhcp6_domain_search: "loomstack.internal.",
    });
    await expect.poll(async () => Object.keys(await addressesOf(guest)), soon).toEqual([address]);
  }
  expect(await ping(a, own.b)).toBe(3);

  await world.server.stop("SIGKILL");
  expect(await ping(b, own.a)).toBe(3);
  expect((await addressesOf(a))[own.a]?.valid).toBeGreaterThan(86_000);
  await world.server.start();
  await world.controller.portActive(a.portId);
  // A client that starts anew, with what it has kept, asks whether it is still right.
  const again = await dhclient(a);
  expect(again).toMatchObject({ new_ip6_address: own.a });
  expect(await ping(b, own.a)).toBe(3);
});

test("a DHCPv6 client without need of an address gets the settings alone", async () => {
  const { network } = await makeNetwork();
  await makeSubnet(network, "dhcpv6-stateless");
  await using a = await plug(network, 0, 41);
  await expect.poll(async () => Object.keys(await addressesOf(a)), soon).toEqual(["2001:db8:7::ff:fe00:729"]);
  const told = await dhclient(a, "-S");
  expect(told).toMatchObject({ new_dhcp6_name_servers: "2001:db8:7::53" });
  expect(told["new_ip6_address"]).toBeUndefined();
});
