import { FakeClock } from "@loomstack/testkit";
import { beforeEach, expect, test } from "vitest";
import { KeptWaiting, mostFromOneAddress, mostWaiting, type Place, waitingLimitMs } from "./kept-waiting.ts";

let clock: FakeClock;
let kept: KeptWaiting;

beforeEach(() => {
  clock = new FakeClock();
  kept = new KeptWaiting(clock);
});

interface Connected {
  readonly place: Place;
  readonly close: () => void;
}

let lastPort = 0;
function connect(host: string): Connected {
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  lastPort += 1;
  return { place: kept.place({ remote: `tcp:${host}:${lastPort}`, closed }), close: () => resolve(undefined) };
}

test("whoever says that it is the hypervisor that was accepted is judged again, and nobody else", async () => {
  const [a, b, nameless] = [connect("192.0.2.1").place, connect("192.0.2.2").place, connect("192.0.2.3").place];
  const judged: string[] = [];
  const outcomes = [
    a.wait("a").then((isAgain) => judged.push(`a ${isAgain}`)),
    b.wait("b").then((isAgain) => judged.push(`b ${isAgain}`)),
    nameless.wait(undefined).then((isAgain) => judged.push(`nameless ${isAgain}`)),
  ];
  kept.lookAgain("a");
  await outcomes[0];
  expect([judged, kept.size]).toEqual([["a true"], 2]);
  nameless.look();
  await outcomes[2];
  expect(judged).toEqual(["a true", "nameless true"]);
});

test("its time is that of the connection, however often it is judged again meanwhile", async () => {
  const { place } = connect("192.0.2.1");
  const first = place.wait("a");
  clock.turn(waitingLimitMs - 1);
  kept.lookAgain("a");
  expect(await first).toBe(true);
  const second = place.wait("a");
  clock.turn(1);
  expect(await second).toBe(false);
  expect(await place.wait("a")).toBe(false);
});

test("one whose connection ends waits no longer, and leaves no timer behind when it is dismissed", async () => {
  const { place, close } = connect("192.0.2.1");
  const waiting = place.wait("a");
  close();
  expect(await waiting).toBe(false);
  place[Symbol.dispose]();
  expect([kept.size, clock.waiting]).toEqual([0, 0]);
});

test("those of one address leave room for others, and all together for the controller", async () => {
  const outcomes: Promise<boolean>[] = [];
  for (let nr = 0; nr < mostFromOneAddress; nr += 1) outcomes.push(connect("192.0.2.1").place.wait(`a${nr}`));
  expect(await connect("192.0.2.1").place.wait("one too many")).toBe(false);
  for (let nr = 0; kept.size < mostWaiting; nr += 1) outcomes.push(connect(`198.51.100.${nr}`).place.wait(`b${nr}`));
  expect(await connect("203.0.113.1").place.wait("one too many")).toBe(false);
  kept.lookAgain("b0");
  const late = connect("203.0.113.1").place.wait("late");
  expect(kept.size).toBe(mostWaiting);
  kept[Symbol.dispose]();
  expect(await late).toBe(false);
  expect((await Promise.all(outcomes)).filter(Boolean)).toHaveLength(1);
});

test("nobody waits for a controller that has stopped", async () => {
  kept[Symbol.dispose]();
  expect(await connect("192.0.2.1").place.wait("a")).toBe(false);
});
