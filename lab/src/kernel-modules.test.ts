import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dependenciesOf, resolveModules } from "./kernel-modules.ts";

let folder: string;
const moduleDepending = (depends: string): Buffer =>
  Buffer.from(`\x7fELF…\0license=GPL\0depends=${depends}\0retpoline=Y\0`, "latin1");
const add = (file: string, content: Buffer): void => {
  mkdirSync(path.join(folder, "kernel", path.dirname(file)), { recursive: true });
  writeFileSync(path.join(folder, "kernel", file), content);
};

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "loomstack-modules-"));
  mkdirSync(path.join(folder, "kernel"));
  writeFileSync(path.join(folder, "modules.builtin"), "kernel/drivers/virtio/virtio.ko\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a module's dependencies are read out of the module", () => {
  expect(dependenciesOf(moduleDepending("virtio_ring,virtio-pci"))).toEqual(["virtio_ring", "virtio_pci"]);
  expect(dependenciesOf(moduleDepending(""))).toEqual([]);
});

test("modules come after those that they depend on, once each, and without what is built in", async () => {
  add("net/virtio_net.ko", moduleDepending("net_failover,virtio,virtio_ring"));
  add("net/net-failover.ko", moduleDepending("failover"));
  add("net/failover.ko.zst", zstdCompressSync(moduleDepending("")));
  add("virtio/virtio_ring.ko", moduleDepending("virtio"));
  const names = (await resolveModules(folder, ["virtio_ring", "virtio_net"])).map((module) => module.name);
  expect(names).toEqual(["virtio_ring", "failover", "net_failover", "virtio_net"]);
});

test("a module that is nowhere is named", async () => {
  await expect(resolveModules(folder, ["virtio_net"])).rejects.toThrow("has no module virtio_net");
});
