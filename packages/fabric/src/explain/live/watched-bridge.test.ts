import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { watch, type WatchedBridge } from "./watched-bridge.ts";

const bridgeWhose = (applyBundle: () => Promise<void>): WatchedBridge => ({
  place: {
    ...{ hypervisor: "OVS/a", bridge: "br-tun", tableId: 0, isLast: false },
    watched: { what: "packet", match: {}, isIt: () => true },
  },
  places: [],
  connection: {
    applyBundle,
    ...{ apply: () => Promise.resolve(), send: () => undefined, dumpFlows: () => Promise.resolve([]) },
  },
});

test("a switch that takes the flows is watched, and one that refuses them is named with its reason", async () => {
  const clock = new FakeClock();
  expect(
    await watch(
      clock,
      1,
      bridgeWhose(() => Promise.resolve()),
    ),
  ).toEqual([]);
  const full = bridgeWhose(() => Promise.reject(new TypeError("its table is full")));
  expect(await watch(clock, 1, full)).toEqual([{ hypervisor: "OVS/a", bridge: "br-tun", reason: "its table is full" }]);
  expect(clock.waiting).toBe(0);
});

test("a switch that doesn't answer holds the trace up for two seconds, and what it says later is passed over", async () => {
  const clock = new FakeClock();
  const late = Promise.withResolvers<undefined>();
  const watching = watch(
    clock,
    1,
    bridgeWhose(() => late.promise),
  );
  clock.turn(2_000);
  expect(await watching).toMatchObject([{ reason: "it hasn't answered within 2 s" }]);
  late.reject(new TypeError("the connection is closed"));
});
