import type { Ipv4 } from "@loomstack/core";
import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test } from "vitest";
import { type Path, PathProber } from "./path-prober.ts";
import { encodeProbe } from "./probe-packet.ts";

const path: Path = { from: "OVS/a", to: "OVS/b", encapsulation: "vxlan", endpoint: "192.0.2.2" as Ipv4 };
let clock: FakeClock;
let sent: { path: Path; nonce: bigint }[] = [];
let prober: PathProber;
let seed = 1;
let isConnected = true;

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  isConnected = true;
  prober = new PathProber({
    clock,
    random: () => (seed = (seed * 16807) % 2147483647) / 2147483647,
    send: (to, nonce) => isConnected && sent.push({ path: to, nonce }) > 0,
  });
});

test("a path works once its probe shows up at its end, and is probed until then", () => {
  prober.want("OVS/a", [path]);
  clock.turn(10_000);
  expect(sent.length).toBeGreaterThan(5);
  expect(prober.isUp(path)).toBe(false);
  const attempts = sent.length;
  prober.received("OVS/b", encodeProbe(sent[0]?.nonce ?? 0n));
  expect(prober.isUp(path)).toBe(true);
  clock.turn(10_000);
  expect(sent).toHaveLength(attempts);
});

test("what was sent and has arrived is counted, and what nobody could send is not", () => {
  isConnected = false;
  prober.want("OVS/a", [path]);
  clock.turn(10_000);
  expect(prober.reading()).toEqual({ wanted: 1, up: 0, probesSent: 0, probesArrived: 0 });
  isConnected = true;
  clock.turn(10_000);
  prober.received("OVS/b", encodeProbe(sent[0]?.nonce ?? 0n));
  expect(prober.reading()).toEqual({ wanted: 1, up: 1, probesSent: sent.length, probesArrived: 1 });
});

test("a probe that shows up at another hypervisor, or that nobody sent, proves nothing", () => {
  prober.want("OVS/a", [path]);
  prober.received("OVS/c", encodeProbe(sent[0]?.nonce ?? 0n));
  prober.received("OVS/b", encodeProbe((sent[0]?.nonce ?? 0n) ^ 1n));
  prober.received("OVS/b", new Uint8Array(60));
  prober.received("OVS/b", new Uint8Array(3));
  expect(prober.isUp(path)).toBe(false);
});

test("a path that is no longer needed is probed no more", () => {
  prober.want("OVS/a", [path]);
  prober.want("OVS/b", []);
  clock.turn(100);
  const attempts = sent.length;
  prober.want("OVS/a", []);
  clock.turn(10_000);
  expect(sent).toHaveLength(attempts);
  expect(clock.waiting).toBe(0);
});

test("a path in doubt is probed anew, with another nonce", () => {
  prober.want("OVS/a", [path]);
  const first = sent[0]?.nonce ?? 0n;
  prober.received("OVS/b", encodeProbe(first));
  prober.doubt("OVS/b");
  expect(prober.isUp(path)).toBe(false);
  prober.received("OVS/b", encodeProbe(first));
  expect(prober.isUp(path)).toBe(false);
  prober.received("OVS/b", encodeProbe(sent.at(-1)?.nonce ?? 0n));
  expect(prober.isUp(path)).toBe(true);
});

test("a hypervisor whose flows are in place now is probed at once, however long nothing has come through before", () => {
  prober.want("OVS/a", [path]);
  clock.turn(60_000);
  clock.turn(10);
  const attempts = sent.length;
  prober.want("OVS/b", []);
  expect(sent).toHaveLength(attempts + 1);
  clock.turn(100);
  expect(sent.length).toBeGreaterThan(attempts + 2);
  prober.received("OVS/b", encodeProbe(sent.at(-1)?.nonce ?? 0n));
  const before = sent.length;
  prober.want("OVS/b", []);
  expect(sent).toHaveLength(before);
});

test("what happens to one hypervisor has no probe sent between others", () => {
  const other: Path = { from: "OVS/c", to: "OVS/d", encapsulation: "vxlan", endpoint: "192.0.2.4" as Ipv4 };
  prober.want("OVS/c", [other]);
  const attempts = sent.length;
  prober.want("OVS/a", [path]);
  prober.doubt("OVS/a");
  expect(sent.slice(attempts).map((probe) => probe.path)).toEqual([path, path]);
});
