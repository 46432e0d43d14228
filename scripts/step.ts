/** One step of a check: a line when it starts, a line with its time when it ends, and its output only when it fails. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

export const checkout = path.resolve(import.meta.dirname, "..");
/** Removed at the end of a run. */
export const temporaryFolder = path.join(checkout, ".loomstack/tmp");

/** Says on standard output what begins; what is returned says how it ended, and how long it took. */
export function announce(title: string): (ok: boolean, remark?: string) => void {
  const startedAt = performance.now();
  console.log(`… ${title}`);
  return (ok, remark = "") => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${ok ? "✓" : "✗"} ${title}${remark === "" ? "" : `, ${remark}`}, ${seconds} s`);
  };
}

/** Runs a command as a step. @returns whether it exited with 0 */
export async function runStep(title: string, command: string, args: readonly string[]): Promise<boolean> {
  const end = announce(title);
  const child = spawn(command, args, { cwd: checkout, stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => output.push(text));
  const stopWithUs = stopOnSignal((signal) => child.kill(signal));
  const [code] = (await once(child, "close")) as [number | null];
  stopWithUs[Symbol.dispose]();
  if (code !== 0) console.log(output.join("").trimEnd());
  end(code === 0);
  return code === 0;
}

/** Calls `stop` for SIGINT and SIGTERM until it is disposed. */
export function stopOnSignal(stop: (signal: NodeJS.Signals) => void): Disposable {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, stop);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
