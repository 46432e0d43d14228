import { expect, test } from "vitest";
import { until } from "./condition.ts";
import { startDaemon } from "./daemon.ts";
import { requireCommand, runCommand } from "./process.ts";

test("a command's exit code, output and errors are told, and it gets its input", async () => {
  const result = await runCommand("sh", ["-c", "cat; echo wrong >&2; exit 3"], { input: "in" });
  expect(result).toEqual({ exitCode: 3, stdout: "in", stderr: "wrong\n" });
});

test("a command that a signal ended has the exit code that a shell reports", async () => {
  expect((await runCommand("sh", ["-c", "kill -9 $$"])).exitCode).toBe(137);
});

test("a command that takes too long is killed with all that it started", async () => {
  const command = runCommand("sh", ["-c", "sleep 1000 & echo $!; wait"], { timeoutMs: 200 });
  await expect(command).rejects.toMatchObject({ code: "LAB__TIMEOUT" });
});

test("a command that must succeed and does not is told with what it wrote", async () => {
  await expect(requireCommand("sh", ["-c", "echo no such bridge >&2; exit 1"])).rejects.toThrow(
    "exited with 1: no such bridge",
  );
  await expect(requireCommand("loomstack-no-such-program", [])).rejects.toMatchObject({ code: "LAB__COMMAND_FAILED" });
});

test("a daemon runs until it is killed, with what it started", async () => {
  const daemon = startDaemon("sleeper", "sh", ["-c", "sleep 1000 & echo $!; wait"]);
  const sleeper = await until("the daemon says its child's id", () => Number(daemon.output()) || undefined, {
    timeoutMs: 5000,
  });
  expect(daemon.running).toBe(true);
  await daemon.kill();
  expect(await daemon.ended).toBe(137);
  expect(daemon.running).toBe(false);
  await until(
    "the child is dead",
    async () =>
      (await runCommand("ps", ["-o", "stat=", "-p", String(sleeper)])).stdout.replace(/Z.*/, "").trim() === "",
    {
      timeoutMs: 5000,
    },
  );
});

test("a daemon that can't be started has ended", async () => {
  const daemon = startDaemon("nothing", "loomstack-no-such-program", []);
  expect(await daemon.ended).toBe(127);
  expect(daemon.output()).toContain("ENOENT");
});

test("waiting for a condition that never comes ends with its last error", async () => {
  const look = () => Promise.reject(new RangeError("not yet"));
  await expect(until("it", look, { timeoutMs: 20, pauseMs: 1 })).rejects.toThrow(
    "it (last: not yet) did not happen within 20 ms",
  );
});
