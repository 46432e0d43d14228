import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { LoomstackError } from "@loomstack/core";
import { connectTo, type Hypervisor } from "./hypervisor.ts";
import { usageOf } from "./process-usage.ts";
import { makeFolder } from "./world.ts";

const script = join(import.meta.dirname, "fake-process.ts");
/** A million flows as bytes. */
const heapMb = 8_192;

export interface FakeWorld extends AsyncDisposable {
  readonly folder: string;
  readonly hypervisors: readonly Hypervisor[];
  /** Processor seconds of what plays the hypervisors, which aren't the controller's but take time as well. */
  cpuS(): number;
}

/** Starts a process that plays hypervisors, and connects to their databases. */
export async function startFakeWorld(count: number): Promise<FakeWorld> {
  await using starting = new AsyncDisposableStack();
  const folder = await makeFolder(starting);
  const args = ["--pdeathsig", "KILL", process.execPath, `--max-old-space-size=${heapMb}`, script, count.toString()];
  const child = spawn("setpriv", args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const ended = once(child, "close");
  starting.defer(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const [message] = (await Promise.race([once(child, "message"), ended.then(() => [undefined])])) as [
    { readonly ports: readonly number[] } | undefined,
  ];
  if (message === undefined) {
    const context = { daemon: "the process that plays hypervisors", hypervisor: "this machine", output: "" };
    throw new LoomstackError("LAB__DAEMON_ENDED", { ...context, status: child.exitCode ?? "a signal" });
  }
  const hypervisors: Hypervisor[] = [];
  for (const [index, port] of message.ports.entries())
    hypervisors.push({ index, port, client: starting.use(await connectTo(port)) });
  const running = starting.move();
  return {
    ...{ folder, hypervisors },
    cpuS: () => usageOf([child.pid ?? 0]).cpuS,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
