/**
 * What guests boot from: a Debian cloud kernel, and an initial RAM disk of busybox, the virtio modules and QEMU's guest
 * agent.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { LoomstackError, type Logger } from "@loomstack/core";
import { type CpioEntry, packCpio } from "./cpio.ts";
import { resolveModules } from "./kernel-modules.ts";
import { guestImageFolder, guestPackagesFolder } from "./paths.ts";
import { requireCommand } from "./process.ts";

export interface GuestImage {
  /** A kernel for direct boot. */
  readonly kernel: string;
  readonly initrd: string;
}

const wantedModules = ["virtio_pci", "virtio_net", "virtio_console"];
const emptyFolders = ["proc", "sys", "dev", "run", "tmp", "root", "var", "etc"];

/**
 * Finds the kernel that scripts/with-prerequisites.mjs has unpacked, and packs the initial RAM disk unless it is there
 * already.
 *
 * @throws LAB__MISSING_FILE, LAB__MISSING_MODULE, LAB__COMMAND_FAILED
 */
export async function prepareGuestImage(logger: Logger): Promise<GuestImage> {
  const boot = path.join(guestPackagesFolder, "boot");
  const names = existsSync(boot) ? await readdir(boot) : [];
  const name = names
    .filter((entry) => entry.startsWith("vmlinuz-"))
    .sort()
    .at(-1);
  if (name === undefined)
    throw new LoomstackError("LAB__MISSING_FILE", { what: "the guests' kernel", path: path.join(boot, "vmlinuz-*") });
  const version = name.slice("vmlinuz-".length);
  const archive = packCpio(await initrdEntries(version));
  const digest = createHash("sha256").update(archive).digest("hex").slice(0, 16);
  const initrd = path.join(guestImageFolder, `initrd-${version}-${digest}.cpio`);
  if (!existsSync(initrd)) {
    await store(initrd, archive);
    logger.info({ initrd, bytes: archive.length }, "packed the guests' initial RAM disk");
  }
  return { kernel: path.join(boot, name), initrd };
}

/** Another lab may do the same at this moment: the file appears complete or not at all. */
async function store(file: string, content: Buffer): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  await writeFile(partial, content);
  await rename(partial, file);
  const old = (await readdir(folder)).filter((name) => name.endsWith(".cpio") && name !== path.basename(file));
  for (const name of old) await rm(path.join(folder, name), { force: true });
}

async function initrdEntries(version: string): Promise<readonly CpioEntry[]> {
  const files = [
    ...(await busyboxFiles()),
    ...(await moduleFilesOf(version)),
    ...(await guestAgentFiles()),
    await scriptFile("init", "./guest-init.sh"),
    await scriptFile("udhcpc-script.sh", "./udhcpc-script.sh"),
  ] satisfies CpioEntry[];
  const folders = new Set(emptyFolders);
  for (const { path: file } of files)
    for (let up = path.dirname(file); up !== "."; up = path.dirname(up)) folders.add(up);
  return [...[...folders].sort().map((folder): CpioEntry => ({ path: folder, kind: "folder" })), ...files];
}

async function scriptFile(name: string, source: string): Promise<CpioEntry> {
  return { path: name, kind: "file", content: await readFile(new URL(source, import.meta.url)), executable: true };
}

async function busyboxFiles(): Promise<CpioEntry[]> {
  const program = (await requireCommand("sh", ["-c", "command -v busybox"])).trim();
  const applets = (await requireCommand(program, ["--list"]))
    .trim()
    .split("\n")
    .filter((name) => name !== "busybox");
  const busybox: CpioEntry = { path: "bin/busybox", kind: "file", content: await readFile(program), executable: true };
  const links = applets.map((name): CpioEntry => ({ path: `bin/${name}`, kind: "link", target: "busybox" }));
  // What the guest agent calls for "shutdown".
  const shutdown: CpioEntry = {
    path: "sbin/shutdown",
    kind: "file",
    content: Buffer.from("#!/bin/sh\nexec poweroff -f\n"),
    executable: true,
  };
  return [busybox, ...links, shutdown];
}

async function moduleFilesOf(version: string): Promise<CpioEntry[]> {
  const modules = await resolveModules(path.join(guestPackagesFolder, "lib/modules", version), wantedModules);
  const order: CpioEntry = {
    path: "modules/order",
    kind: "file",
    content: Buffer.from(modules.map(({ name }) => `${name}\n`).join("")),
  };
  return [
    order,
    ...modules.map(({ name, content }): CpioEntry => ({ path: `modules/${name}.ko`, kind: "file", content })),
  ];
}

/** The agent with the shared libraries that it is linked to, at the places where its loader looks. */
async function guestAgentFiles(): Promise<CpioEntry[]> {
  const program = path.join(guestPackagesFolder, "usr/sbin/qemu-ga");
  if (!existsSync(program))
    throw new LoomstackError("LAB__MISSING_FILE", { what: "QEMU's guest agent", path: program });
  const linked = await requireCommand("ldd", [program]);
  const missing = /^\s*(\S+) => not found$/m.exec(linked)?.[1];
  if (missing !== undefined)
    throw new LoomstackError("LAB__MISSING_FILE", { what: "a library of QEMU's guest agent", path: missing });
  const libraries = [...linked.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => String(match[1]));
  const files = libraries.map(async (library): Promise<CpioEntry> => {
    return { path: library.slice(1), kind: "file", content: await readFile(await realpath(library)), executable: true };
  });
  return [
    { path: "usr/sbin/qemu-ga", kind: "file", content: await readFile(program), executable: true },
    ...(await Promise.all(files)),
  ];
}
