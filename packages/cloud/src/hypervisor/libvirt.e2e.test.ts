/**
 * The driver against a libvirtd, an Open vSwitch (userspace datapath) and a QEMU of its own. Needs root, and a network
 * namespace that nobody minds a bridge in: the lab's private world, or `unshare --mount --net --pid --fork --kill-child
 * --mount-proc --propagation private`.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Clock, parseMac, parseUuid, silentLogger, type Uuid } from "@loomstack/core";
import {
  connectGetHostname,
  connectGetUri,
  connectGetVersion,
  connectLibvirtDaemon,
  connectListAllDomains,
  domainCreate,
  domainDefineXmlFlags,
  domainGetXmlDesc,
  domainUndefine,
} from "@loomstack/libvirt";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { domainXml } from "./domain-xml.ts";
import type { DomainEvent, DomainSpec, Hypervisor } from "./hypervisor.ts";
import { connectLibvirt } from "./libvirt.ts";

const folder = mkdtempSync(path.join(tmpdir(), "loomstack-libvirt-"));
const inFolder = (...names: readonly string[]): string => path.join(folder, ...names);
const uri = `qemu+unix:///system?socket=${inFolder("run", "libvirt-sock")}`;
const patienceMs = 60_000;
const ovsEnvironment = {
  ...process.env,
  OVS_RUNDIR: folder,
  OVS_DBDIR: folder,
  OVS_LOGDIR: folder,
  OVS_SYSCONFDIR: folder,
};
const daemons: ChildProcess[] = [];

const clock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { env: ovsEnvironment, encoding: "utf8" });
}

function daemon(command: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { env: ovsEnvironment, stdio: "ignore" });
  daemons.push(child);
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

async function startOpenVswitch(): Promise<void> {
  run("ovsdb-tool", "create", inFolder("conf.db"), "/usr/share/openvswitch/vswitch.ovsschema");
  daemon("ovsdb-server", inFolder("conf.db"), `--remote=punix:${inFolder("db.sock")}`);
  await vi.waitFor(() => run("ovs-vsctl", "--no-wait", "init"), patienceMs);
  daemon("ovs-vswitchd", `unix:${inFolder("db.sock")}`);
  run(
    "ovs-vsctl",
    "--timeout=30",
    "add-br",
    "br-libvirt",
    "--",
    "set",
    "Bridge",
    "br-libvirt",
    "datapath_type=netdev",
    "fail_mode=secure",
  );
}

/**
 * libvirtd knows only fixed places, so that it gets its own view of them; it replaces the shell, and so has its process
 * id.
 */
function startLibvirtd(): ChildProcess {
  const views = [
    ["run", "/run/libvirt"],
    ["etc", "/etc/libvirt"],
    ["lib", "/var/lib/libvirt"],
    ["log", "/var/log/libvirt"],
    ["cache", "/var/cache/libvirt"],
    [".", "/run/openvswitch"],
  ] as const;
  for (const [name, target] of views) for (const made of [inFolder(name), target]) mkdirSync(made, { recursive: true });
  writeFileSync(inFolder("etc", "libvirtd.conf"), `auth_unix_rw = "none"\nhost_uuid = "${randomUUID()}"\n`);
  writeFileSync(
    inFolder("etc", "qemu.conf"),
    ['user = "root"', 'group = "root"', 'security_driver = "none"', "namespaces = []", "cgroup_controllers = []"]
      .concat(['stdio_handler = "file"', "remember_owner = 0", ""])
      .join("\n"),
  );
  const mounts = views.map(([name, target]) => `mount --bind ${inFolder(name)} ${target}`).join(" && ");
  return daemon(
    "unshare",
    "--mount",
    "--propagation",
    "private",
    "sh",
    "-c",
    `${mounts} && exec libvirtd --pid-file ${inFolder("libvirtd.pid")}`,
  );
}

/** A kernel in the format of Linux/x86 (boot protocol 2.4) whose only act is to halt the processor. */
function haltingKernel(): Uint8Array {
  const image = new Uint8Array(4_096);
  image[0x1f1] = 1; // one sector of set-up code after the first
  image.set([0x55, 0xaa], 0x1fe);
  image.set([0xeb, 0x5e], 0x200); // jump to 0x260
  image.set(new TextEncoder().encode("HdrS"), 0x202);
  image.set([0x04, 0x02], 0x206); // protocol 2.4
  image[0x211] = 1; // loaded high
  image.set([0xff, 0xff, 0xff, 0x37], 0x22c); // highest address for the initial RAM disk
  image.set([0xfa, 0xf4, 0xeb, 0xfd], 0x260); // cli; hlt; back to hlt
  return image;
}

function domain(name: string): DomainSpec & { readonly portId: Uuid } {
  const portId = parseUuid(randomUUID());
  return {
    uuid: parseUuid(randomUUID()),
    name,
    memoryMib: 64,
    vcpus: 1,
    kernel: inFolder("kernel"),
    initrd: inFolder("initrd"),
    commandLine: `console=ttyS0 note="<it's & its>"`,
    type: "qemu",
    nics: [{ portId, mac: parseMac("52:54:00:00:00:0a"), bridge: "br-libvirt", mtu: 1450 }],
    portId,
  };
}

const connect = (): Promise<Hypervisor> => connectLibvirt({ uri, clock, logger: silentLogger, guestOffloads: false });

let libvirtd: ChildProcess;
let hypervisor: Hypervisor;
const events: DomainEvent[] = [];

beforeAll(async () => {
  writeFileSync(inFolder("kernel"), haltingKernel());
  writeFileSync(inFolder("initrd"), new Uint8Array(512));
  await startOpenVswitch();
  libvirtd = startLibvirtd();
  hypervisor = await vi.waitFor(connect, { timeout: patienceMs, interval: 100 });
  hypervisor.events.add((event) => events.push(event));
}, patienceMs);

afterAll(async () => {
  // A test that failed may have left some running.
  for (const { uuid } of await hypervisor.listDomains()) await hypervisor.destroyDomain(uuid);
  await hypervisor[Symbol.asyncDispose]();
  for (const child of daemons.toReversed()) await stop(child, "SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}, patienceMs);

test(
  "a domain starts with its port on the bridge, is listed, tells of its life, and ends",
  { timeout: patienceMs },
  async () => {
    const spec = domain("first");
    await hypervisor.startDomain(spec);
    expect(await hypervisor.listDomains()).toEqual([{ uuid: spec.uuid, name: "first", state: "running" }]);
    const found = run(
      "ovs-vsctl",
      "--bare",
      "--columns=name,mtu_request",
      "find",
      "Interface",
      `external_ids:iface-id=${spec.portId}`,
    );
    expect(found).toMatch(/^vnet\d+/);
    expect(run("ovs-vsctl", "list-ports", "br-libvirt").trim()).toBe(found.trim().split("\n")[0]);

    await hypervisor.destroyDomain(spec.uuid);
    expect(await hypervisor.listDomains()).toEqual([]);
    expect(run("ovs-vsctl", "list-ports", "br-libvirt")).toBe("");
    await vi.waitFor(() =>
      expect(events.at(-1)).toEqual({ uuid: spec.uuid, state: "stopped", reason: "stopped: destroyed" }),
    );
    expect(events).toContainEqual({ uuid: spec.uuid, state: "running", reason: "started: booted" });
  },
);

test(
  "starting a running domain again changes nothing, and neither does ending one that isn't there",
  { timeout: patienceMs },
  async () => {
    const spec = domain("twice");
    await Promise.all([hypervisor.startDomain(spec), hypervisor.startDomain(spec)]);
    const before = run("ovs-vsctl", "list-ports", "br-libvirt");
    await hypervisor.startDomain(spec);
    expect(run("ovs-vsctl", "list-ports", "br-libvirt")).toBe(before);
    await hypervisor.destroyDomain(spec.uuid);
    await hypervisor.destroyDomain(spec.uuid);
    await hypervisor.destroyDomain(parseUuid(randomUUID()));
  },
);

test("a name that another domain has is refused", { timeout: patienceMs }, async () => {
  const spec = domain("same name");
  await hypervisor.startDomain(spec);
  await expect(hypervisor.startDomain(domain("same name"))).rejects.toMatchObject({ code: "LIBVIRT__REFUSED" });
  await hypervisor.destroyDomain(spec.uuid);
});

test("what libvirt refuses is told with its reason, and leaves nothing behind", { timeout: patienceMs }, async () => {
  const refused = { code: "LIBVIRT__REFUSED", blame: "peer" };
  const noBridge = {
    ...domain("no bridge"),
    nics: [{ portId: parseUuid(randomUUID()), mac: parseMac("52:54:00:00:00:0b"), bridge: "br-none", mtu: 1450 }],
  };
  await expect(hypervisor.startDomain(noBridge)).rejects.toMatchObject({
    ...refused,
    context: { call: "domainCreateXML" },
  });
  await expect(hypervisor.startDomain({ ...domain("no kernel"), kernel: inFolder("nothing") })).rejects.toMatchObject(
    refused,
  );
  await expect(hypervisor.startDomain({ ...domain("no number"), memoryMib: Number.NaN })).rejects.toMatchObject({
    ...refused,
    context: { number: 27 },
  });
  expect(await hypervisor.listDomains()).toEqual([]);
  expect(run("ovs-vsctl", "list-ports", "br-libvirt")).toBe("");
});

test("a QEMU that dies is told as a crash", { timeout: patienceMs }, async () => {
  const spec = domain("killed");
  await hypervisor.startDomain(spec);
  const pid = Number(run("cat", inFolder("run", "qemu", "killed.pid")));
  process.kill(pid, "SIGKILL");
  await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ uuid: spec.uuid, state: "crashed" }), patienceMs);
});

test(
  "a libvirtd that is killed closes the connection; its domains live on for the next one",
  { timeout: 2 * patienceMs },
  async () => {
    const spec = domain("survivor");
    await hypervisor.startDomain(spec);
    await stop(libvirtd, "SIGKILL");
    expect(await hypervisor.closed).toMatchObject({ code: "LIBVIRT__CLOSED" });
    await expect(hypervisor.listDomains()).rejects.toMatchObject({ code: "LIBVIRT__CLOSED" });
    await expect(connect()).rejects.toMatchObject({ code: "LIBVIRT__UNREACHABLE" });

    libvirtd = startLibvirtd();
    hypervisor = await vi.waitFor(connect, { timeout: patienceMs, interval: 100 });
    expect(await hypervisor.listDomains()).toEqual([{ uuid: spec.uuid, name: "survivor", state: "running" }]);
    await hypervisor.startDomain(spec);
    await hypervisor.destroyDomain(spec.uuid);
    expect(await hypervisor.listDomains()).toEqual([]);
  },
);

test("a daemon understands the calls that the driver has no use for yet", { timeout: patienceMs }, async () => {
  await using daemonItself = await connectLibvirtDaemon({ uri, clock, logger: silentLogger });
  const spec = domain("persistent");
  expect(await daemonItself.call(connectGetUri, undefined)).toEqual({ uri: "qemu:///system" });
  expect((await daemonItself.call(connectGetHostname, undefined)).hostname).toBe(run("hostname").trim());
  expect((await daemonItself.call(connectGetVersion, undefined)).version).toBeGreaterThan(5_000_000n);

  const xml = domainXml(spec, { guestOffloads: true });
  const { domain: defined } = await daemonItself.call(domainDefineXmlFlags, { xml, flags: 0 });
  expect(defined).toEqual({ name: "persistent", uuid: spec.uuid, id: -1 });
  expect(await hypervisor.listDomains()).toEqual([{ uuid: spec.uuid, name: "persistent", state: "stopped" }]);
  await daemonItself.call(domainCreate, { domain: defined });
  const all = await daemonItself.call(connectListAllDomains, { needResults: 1, flags: 0 });
  expect(all).toMatchObject({ domains: [{ name: "persistent", uuid: spec.uuid }], count: 1 });
  const described = await daemonItself.call(domainGetXmlDesc, { domain: defined, flags: 0 });
  expect(described.xml).toContain("<cmdline>console=ttyS0 note=&quot;&lt;it&apos;s &amp; its&gt;&quot;</cmdline>");

  await hypervisor.destroyDomain(spec.uuid);
  await hypervisor.destroyDomain(spec.uuid);
  await daemonItself.call(domainUndefine, { domain: defined });
  expect(await hypervisor.listDomains()).toEqual([]);
});

test("closing the connection is told as no error", { timeout: patienceMs }, async () => {
  const second = await connect();
  await second[Symbol.asyncDispose]();
  expect(await second.closed).toBeUndefined();
  expect(existsSync(inFolder("run", "libvirt-sock"))).toBe(true);
});
