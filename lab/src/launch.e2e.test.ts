import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:http";
import { afterAll, expect, test } from "vitest";
import { until } from "./condition.ts";

const fixture = (name: string): string => new URL(`./fixtures/${name}.ts`, import.meta.url).pathname;
const launchers: ChildProcess[] = [];
afterAll(() => launchers.forEach((launcher) => launcher.kill("SIGKILL")));

/** A launcher in a process of its own, which runs `script` in a world inside this one. */
function launch(script: string, args: readonly string[] = []): { readonly launcher: ChildProcess; output(): string } {
  const launcher = spawn(process.execPath, [fixture("launcher"), fixture(script), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  launchers.push(launcher);
  let text = "";
  launcher.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return { launcher, output: () => text };
}

const outputOf = (launched: { output(): string }, what: RegExp): Promise<RegExpExecArray> =>
  until(`the script writes ${String(what)}`, () => what.exec(launched.output()) ?? undefined, { timeoutMs: 20_000 });

/** How many processes are in another process namespace than this one. */
async function processesInOtherWorlds(): Promise<number> {
  const own = await readlink("/proc/self/ns/pid");
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const namespaces = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/ns/pid`).catch(() => own)));
  return namespaces.filter((namespace) => namespace !== own).length;
}

const worldIsGone = (): Promise<boolean> =>
  until("the world is gone", async () => (await processesInOtherWorlds()) === 0, { timeoutMs: 10_000 });

test("a script's arguments, output and exit code pass through", async () => {
  const launched = launch("report-world", ["one", "two words"]);
  const [code] = (await once(launched.launcher, "close")) as [number];
  expect(code).toBe(7);
  const report = JSON.parse(launched.output()) as { args: string[]; inside: boolean; links: string[]; pid: number };
  expect(report).toMatchObject({ args: ["one", "two words"], inside: true, links: ["lo"] });
  expect(report.pid).toBeLessThan(20);
  await worldIsGone();
});

test.for(["SIGKILL to the launcher", "SIGKILL to the script"])("%s leaves no process", async (what) => {
  const launched = launch("leave-processes");
  const [, innerPid] = await outputOf(launched, /started as (\d+)/);
  expect(await processesInOtherWorlds()).toBeGreaterThanOrEqual(4);
  if (what.endsWith("launcher")) launched.launcher.kill("SIGKILL");
  else await killInside(Number(innerPid));
  await worldIsGone();
});

test("SIGTERM to the launcher reaches the script, which may end in its own way", async () => {
  const launched = launch("leave-processes");
  await outputOf(launched, /started/);
  launched.launcher.kill("SIGTERM");
  const [code] = (await once(launched.launcher, "close")) as [number];
  expect(code).toBe(5);
  expect(launched.output()).toContain("heard SIGTERM");
  await worldIsGone();
});

test("a script that does not end after a signal is ended by the second one", async () => {
  const launched = launch("leave-processes", ["deaf"]);
  await outputOf(launched, /started/);
  launched.launcher.kill("SIGTERM");
  await outputOf(launched, /heard SIGTERM/);
  // Within a second, two signals count as one: a terminal's Ctrl-C arrives twice.
  const again = setInterval(() => launched.launcher.kill("SIGTERM"), 300);
  const [code] = (await once(launched.launcher, "close")) as [number];
  clearInterval(again);
  expect(code).toBe(137);
  await worldIsGone();
});

test("a port outside leads to a server inside, and a port that is taken is refused", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const takenPort = (taken.address() as { port: number }).port;
  const launched = launch("serve-inside", [String(takenPort)]);
  await outputOf(launched, /refused: .*EADDRINUSE/);
  const [, port] = await outputOf(launched, /exposed on (\d+)/);
  const answer = await fetch(`http://127.0.0.1:${String(port)}/`);
  expect(await answer.text()).toBe("from inside");
  launched.launcher.kill("SIGTERM");
  await once(launched.launcher, "close");
  await expect(fetch(`http://127.0.0.1:${String(port)}/`)).rejects.toThrow();
  taken.close();
  await worldIsGone();
});

/** Kills a process by the id that it has in its own, innermost process namespace. */
async function killInside(innerPid: number): Promise<void> {
  const own = await readlink("/proc/self/ns/pid");
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const namespace = await readlink(`/proc/${pid}/ns/pid`).catch(() => own);
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (namespace !== own && new RegExp(`^NSpid:.*\\s${innerPid}$`, "m").test(status))
      process.kill(Number(pid), "SIGKILL");
  }
}
