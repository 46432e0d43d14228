import { silentLogger } from "@loomstack/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { measure } from "./measure.ts";
import { openReliabilityWorld, type ReliabilityWorld } from "./reliability-world.ts";
import { controllerKilled } from "./scenarios/controller.ts";
import { guestMigrated } from "./scenarios/migration.ts";
import { databaseRestarted, switchKilled } from "./scenarios/open-vswitch.ts";

let world: ReliabilityWorld;

beforeAll(async () => {
  world = await openReliabilityWorld(silentLogger);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test("established pairs lose no packet, and no flow is touched, while the controller is killed and started", async () => {
  const { failures, flows, streams } = await measure(world, controllerKilled);
  expect(failures).toEqual([]);
  expect(flows).toEqual({ flowMods: 0, changedFlows: 0, disturbedFlows: 0 });
  expect(streams.overlay.sent).toBeGreaterThan(50);
});

test("established pairs lose no packet, and no flow is touched, while ovsdb-server is restarted", async () => {
  const { failures, flows } = await measure(world, databaseRestarted);
  expect(failures).toEqual([]);
  expect(flows).toEqual({ flowMods: 0, changedFlows: 0, disturbedFlows: 0 });
});

test("a guest that libvirt migrates is silent no longer in a network of the controller's than on plain bridges, and no other flow is touched", async () => {
  const { failures, flows } = await measure(world, guestMigrated);
  expect(failures).toEqual([]);
  expect(flows.flowMods).toBeGreaterThan(0);
  expect(flows.disturbedFlows).toBe(0);
});

test("when ovs-vswitchd is killed each flow is sent once, the pairs speak again, and the streams see what was lost", async () => {
  const { failures, flows, streams } = await measure(world, switchKilled);
  expect(failures).toEqual([]);
  expect(flows.flowMods).toBeGreaterThan(0);
  expect(streams.local.lost).toBeGreaterThan(0);
  expect(streams.local.lost).toBeLessThan(streams.local.sent);
});
