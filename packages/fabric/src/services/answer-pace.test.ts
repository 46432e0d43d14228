import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { uuid } from "../intent/intent-under-test.ts";
import { AnswerPace, mostPerSecond } from "./answer-pace.ts";

test("a port that floods uses up its own share, and not that of its neighbours; a second later it is heard again", () => {
  const clock = new FakeClock();
  const pace = new AnswerPace(clock);
  const allowed = (port: number, asked: number): number =>
    Array.from({ length: asked }, () => pace.allows("OVS/a", uuid(port))).filter(Boolean).length;
  expect(allowed(1, 5_000)).toBe(mostPerSecond.ofPort);
  expect(allowed(2, 5)).toBe(5);
  clock.turn(1_000);
  expect(allowed(1, 5)).toBe(5);
});

test("all ports of a hypervisor together have a share, and other hypervisors theirs", () => {
  const pace = new AnswerPace(new FakeClock());
  const counts = new Map<string, number>();
  for (let port = 0; port < 100; port++)
    for (let asked = 0; asked < 50; asked++)
      for (const key of ["OVS/a", "OVS/b"])
        if (pace.allows(key, uuid(key === "OVS/a" ? port : 1_000 + port))) counts.set(key, (counts.get(key) ?? 0) + 1);
  expect([...counts.values()]).toEqual([mostPerSecond.ofHypervisor, mostPerSecond.ofHypervisor]);
});
