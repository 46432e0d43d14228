import { FakeClock } from "@loomstack/testkit";
import { expect, test, vi } from "vitest";
import { ReconcileLoop } from "./reconcile-loop.ts";

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

function loopOf(
  work: () => Promise<void>,
  pauseMs: () => number = () => 0,
): {
  loop: ReconcileLoop;
  clock: FakeClock;
  failed: ReturnType<typeof vi.fn<(error: unknown) => void>>;
} {
  const clock = new FakeClock();
  const failed = vi.fn<(error: unknown) => void>();
  return {
    loop: new ReconcileLoop({ clock, random: () => 0, backoff: { firstMs: 100, limitMs: 400 }, work, failed, pauseMs }),
    clock,
    failed,
  };
}

test("triggers that come while it works make it work once more, never twice at a time", async () => {
  let running = 0;
  let rounds = 0;
  const gates: (() => void)[] = [];
  const { loop } = loopOf(async () => {
    running += 1;
    expect(running).toBe(1);
    rounds += 1;
    await new Promise<void>((resolve) => gates.push(resolve));
    running -= 1;
  });
  loop.trigger();
  await settle();
  loop.trigger();
  loop.trigger();
  gates.shift()?.();
  await settle();
  gates.shift()?.();
  await settle();
  expect(rounds).toBe(2);
  expect(loop.idle).toBe(true);
});

test("after a failure it tries again with a delay that doubles up to its limit, and success resets it", async () => {
  let failures = 3;
  const { loop, clock, failed } = loopOf(() => (failures-- > 0 ? Promise.reject(new Error("no")) : Promise.resolve()));
  loop.trigger();
  await settle();
  for (const delayMs of [100, 200, 400]) {
    clock.turn(delayMs - 1);
    await settle();
    expect(loop.idle).toBe(false);
    clock.turn(1);
    await settle();
  }
  expect(failed).toHaveBeenCalledTimes(3);
  expect(loop.idle).toBe(true);
  expect(clock.waiting).toBe(0);
});

test("a trigger does not wait for the back-off of an earlier failure", async () => {
  let rounds = 0;
  const { loop, clock } = loopOf(() => (rounds++ === 0 ? Promise.reject(new Error("no")) : Promise.resolve()));
  loop.trigger();
  await settle();
  loop.trigger();
  await settle();
  expect(rounds).toBe(2);
  expect(clock.waiting).toBe(0);
});

test("a disposed loop works no more", async () => {
  let rounds = 0;
  const { loop, clock } = loopOf(() => {
    rounds += 1;
    return Promise.reject(new Error("no"));
  });
  loop.trigger();
  await settle();
  loop[Symbol.dispose]();
  loop.trigger();
  clock.turn(10_000);
  await settle();
  expect(rounds).toBe(1);
});

test("it never works inside of the trigger, and triggers in one go make one round", async () => {
  let rounds = 0;
  const { loop } = loopOf(() => Promise.resolve(void (rounds += 1)));
  loop.trigger();
  loop.trigger();
  expect(rounds).toBe(0);
  await settle();
  expect(rounds).toBe(1);
});

test("after three failures in a row triggers wait for the back-off, too: a storm of them changes nothing", async () => {
  let rounds = 0;
  const { loop, clock } = loopOf(() => {
    rounds += 1;
    return Promise.reject(new Error("no"));
  });
  for (let storm = 0; storm < 100; storm += 1) {
    loop.trigger();
    await settle();
  }
  expect(rounds).toBe(3);
  clock.turn(400);
  await settle();
  expect(rounds).toBe(4);
});

test("a round waits for its pause, and a disposed loop does not wait any more", async () => {
  let rounds = 0;
  const { loop, clock } = loopOf(
    () => Promise.resolve(void (rounds += 1)),
    () => 50,
  );
  loop.trigger();
  await settle();
  loop.trigger();
  clock.turn(49);
  await settle();
  expect(rounds).toBe(0);
  clock.turn(1);
  await settle();
  expect(rounds).toBe(1);
  loop.trigger();
  await settle();
  loop[Symbol.dispose]();
  await settle();
  expect(rounds).toBe(1);
  expect(clock.waiting).toBe(0);
});
