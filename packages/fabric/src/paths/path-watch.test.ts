import type { Ipv4 } from "@loomstack/core";
import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test } from "vitest";
import { tellOfPaths } from "./path-events.ts";
import { type Path, PathProber } from "./path-prober.ts";
import { PathWatch } from "./path-watch.ts";
import { encodeProbe } from "./probe-packet.ts";

const pathTo = (n: number): Path => ({
  ...{ from: "OVS/a", to: `OVS/${n}`, encapsulation: "vxlan" },
  endpoint: `192.0.2.${n}` as Ipv4,
});
const path = pathTo(2);
let clock: FakeClock;
let prober: PathProber;
let sent: number;
let works: boolean;
let isConnected: boolean;
let broken: Path[];

beforeEach(() => {
  clock = new FakeClock();
  [sent, works, isConnected, broken] = [0, true, true, []];
  let seed = 1;
  prober = new PathProber({
    clock,
    random: () => (seed = (seed * 16807) % 2147483647) / 2147483647,
    send(to, nonce) {
      if (!isConnected) return false;
      sent += 1;
      if (works) clock.after(1, () => prober.received(to.to, encodeProbe(nonce)));
      return true;
    },
  });
  prober.broken.add((one) => broken.push(one));
});

test("a path that works is looked at every five seconds, and one that breaks is told within ten", () => {
  using _watch = new PathWatch(clock, prober);
  const told: string[] = [];
  using _events = tellOfPaths(prober, clock, (_, kind, message, concerned) =>
    told.push(`${kind} at ${concerned?.hypervisor ?? ""}: ${message}`),
  );
  prober.want("OVS/a", [path]);
  clock.turn(60_000);
  expect(prober.isUp(path)).toBe(true);
  expect(sent).toBeGreaterThan(10);
  expect(sent).toBeLessThan(15);
  works = false;
  clock.turn(10_000);
  expect(prober.isUp(path)).toBe(false);
  expect(broken).toEqual([path]);
  works = true;
  clock.turn(3_000);
  expect(prober.isUp(path)).toBe(true);
  works = false;
  clock.turn(10_000);
  expect(broken).toEqual([path, path]);
  expect(told).toEqual([
    "path-broken at OVS/a: the vxlan tunnel from hypervisor OVS/a to OVS/2 (192.0.2.2) carries no probes any more: is the underlay in order?",
    "path-restored at OVS/a: the vxlan tunnel from hypervisor OVS/a to OVS/2 (192.0.2.2) carries probes again",
    expect.stringContaining("path-broken"),
  ]);
});

test("while an end isn't connected nobody can say, and the path stays what it was", () => {
  using _watch = new PathWatch(clock, prober);
  prober.want("OVS/a", [path]);
  clock.turn(1_000);
  isConnected = false;
  clock.turn(60_000);
  expect(prober.isUp(path)).toBe(true);
  [isConnected, works] = [true, false];
  clock.turn(10_000);
  expect(prober.isUp(path)).toBe(false);
});

test("many paths are looked at no more often than fifty times a second, and each in its turn", () => {
  using _watch = new PathWatch(clock, prober);
  const paths = Array.from({ length: 1_000 }, (_, n) => pathTo(n));
  prober.want("OVS/a", paths);
  clock.turn(5_000);
  const before = sent;
  for (let ms = 0; ms < 10_000; ms += 10) clock.turn(10);
  expect(sent - before).toBeGreaterThan(400);
  expect(sent - before).toBeLessThanOrEqual(500);
});

test("a path that is needed no more is watched no more", () => {
  const watch = new PathWatch(clock, prober);
  prober.want("OVS/a", [path]);
  clock.turn(1_000);
  prober.want("OVS/a", []);
  const before = sent;
  clock.turn(60_000);
  expect(sent).toBe(before);
  expect(clock.waiting).toBe(0);
  watch[Symbol.dispose]();
});
