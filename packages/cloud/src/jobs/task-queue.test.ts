import { describe, expect, test } from "vitest";
import { refusal } from "../outcome-under-test.ts";
import { type Claim, exclusively, runnable, shared, TaskQueue } from "./task-queue.ts";

const claiming = (...claims: readonly Claim[]) => ({ claims });

describe("runnable", () => {
  const [a, b] = [exclusively("a"), exclusively("b")];

  test("starts tasks side by side that don't claim the same", () => {
    const waiting = [claiming(a), claiming(b)];
    expect(runnable(waiting, [], 9)).toEqual(waiting);
  });

  test("keeps the order of those that do", () => {
    const waiting = [claiming(a), claiming(a), claiming(b)];
    expect(runnable(waiting, [], 9)).toEqual([waiting[0], waiting[2]]);
  });

  test("lets those that share go together, but none past one that waits to have it alone", () => {
    const waiting = [claiming(shared("n")), claiming(shared("n")), claiming(exclusively("n")), claiming(shared("n"))];
    expect(runnable(waiting, [], 9)).toEqual([waiting[0], waiting[1]]);
  });

  test("waits for what runs, and for room", () => {
    const waiting = [claiming(a), claiming(b), claiming(exclusively("c"))];
    expect(runnable(waiting, [claiming(a)], 1)).toEqual([waiting[1]]);
  });
});

describe("a queue", () => {
  test("runs the tasks of one claim one after another", async () => {
    await using queue = new TaskQueue({ concurrency: 4, limit: 10 });
    const log: string[] = [];
    const first = Promise.withResolvers<undefined>();
    const tasks = [
      queue.run([exclusively("a")], async () => {
        log.push("first begins");
        await first.promise;
        log.push("first ends");
      }),
      queue.run([exclusively("a")], () => Promise.resolve(void log.push("second"))),
      queue.run([exclusively("b")], () => Promise.resolve(void log.push("other"))),
    ];
    await tasks[2];
    first.resolve(undefined);
    await Promise.all(tasks);
    expect(log).toEqual(["first begins", "other", "first ends", "second"]);
  });

  test("hands on what a task throws, and goes on", async () => {
    await using queue = new TaskQueue({ concurrency: 1, limit: 10 });
    await expect(queue.run([], () => Promise.reject(new TypeError("no")))).rejects.toThrow("no");
    await expect(queue.run([], () => Promise.resolve(1))).resolves.toBe(1);
  });

  test("refuses more than it may hold", async () => {
    await using queue = new TaskQueue({ concurrency: 1, limit: 1 });
    const gate = Promise.withResolvers<undefined>();
    const tasks = [queue.run([], () => gate.promise), queue.run([], () => gate.promise)];
    expect(await refusal(Promise.resolve().then(() => queue.assertRoom()))).toMatchObject({
      code: "CLOUD__JOBS_EXCEEDED",
    });
    gate.resolve(undefined);
    await Promise.all(tasks);
  });

  test("that closes aborts what runs, refuses what waits, and waits for the end", async () => {
    const queue = new TaskQueue({ concurrency: 1, limit: 10 });
    let ended = false;
    const began = Promise.withResolvers<undefined>();
    const running = queue.run([], async (signal) => {
      began.resolve(undefined);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      ended = true;
    });
    const waiting = refusal(queue.run([], () => Promise.resolve()));
    await began.promise;
    await queue[Symbol.asyncDispose]();
    expect(ended).toBe(true);
    expect(await waiting).toMatchObject({ code: "CLOUD__STOPPING" });
    await running;
  });
});
