import type { Ipv4 } from "@loomstack/core";
import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test } from "vitest";
import { PathMeasure } from "./path-measure.ts";
import type { Path } from "./path-prober.ts";
import { encodeProbe } from "./probe-packet.ts";

const path: Path = { from: "OVS/a", to: "OVS/b", encapsulation: "vxlan", endpoint: "192.0.2.2" as Ipv4 };

let clock: FakeClock;
let sent: { nonce: bigint; length: number }[];
/** Whether probes can be sent, and the longest that the path carries; the first so many are lost. */
let isConnected: boolean;
let longest: number;
let lost: number;
let measure: PathMeasure;

beforeEach(() => {
  clock = new FakeClock();
  [sent, isConnected, longest, lost] = [[], true, 1_464, 0];
  let word = 0;
  measure = new PathMeasure({
    clock,
    random: () => ((word += 1) % 97) / 97,
    send(_, nonce, length) {
      if (!isConnected) return false;
      sent.push({ nonce, length });
      if (length <= longest && sent.length > lost) measure.received("OVS/b", encodeProbe(nonce, length));
      return true;
    },
  });
});

test("a path carries what a probe of that size shows, and nothing is sent after that", async () => {
  expect(await measure.measure(path, 1_464)).toBe("carried");
  expect(sent.map(({ length }) => length)).toEqual([60, 1_464]);
  clock.turn(10_000);
  expect(sent).toHaveLength(2);
});

test("while its first probes are lost, as to a peer whose MAC address isn't known yet, it is asked again", async () => {
  lost = 6;
  const capacity = measure.measure(path, 1_464);
  clock.turn(1_000);
  expect(await capacity).toBe("carried");
  expect(sent).toHaveLength(8);
});

test("where short probes alone arrive, the size is the matter; where none do, the path", async () => {
  const large = measure.measure(path, 1_465);
  clock.turn(1_000);
  expect(await large).toBe("too-large");
  longest = 0;
  const silent = measure.measure(path, 100);
  clock.turn(1_000);
  expect(await silent).toBe("silent");
  expect(sent).toHaveLength(20);
});

test("a probe that another hypervisor shows is no answer", async () => {
  longest = 0;
  const capacity = measure.measure(path, 100);
  for (const { nonce } of sent) measure.received("OVS/c", encodeProbe(nonce));
  clock.turn(1_000);
  expect(await capacity).toBe("silent");
});

test("nothing is known while the hypervisor isn't connected, nor after the end", async () => {
  isConnected = false;
  expect(await measure.measure(path, 100)).toBe("unknown");
  isConnected = true;
  longest = 0;
  const capacity = measure.measure(path, 100);
  measure[Symbol.dispose]();
  expect(await capacity).toBe("unknown");
  expect(clock.waiting).toBe(0);
});
