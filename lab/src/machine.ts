import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { LoomstackError } from "@loomstack/core";
import { killGroup } from "./process.ts";

/**
 * A running machine made of namespaces: its own processes, network, mounts. It is off when its process 1 is dead, and
 * can't be turned on again.
 */
export interface Machine {
  /**
   * A process of the lab's process namespace that lies in the machine's network and mount namespaces: what `ip link …
   * netns` takes.
   */
  readonly pid: number;
  /** The command line that runs a command in the machine. */
  inside(command: string, args: readonly string[]): { readonly command: string; readonly args: readonly string[] };
  /** Kills every process in it with SIGKILL, and waits until none is left. */
  cutPower(): Promise<void>;
}

/** Mounts that give a machine its own view of a folder of the lab. */
export interface MachineMount {
  readonly from: string;
  /** An existing folder. */
  readonly to: string;
}

/**
 * Runs as process 1 of the machine, with `from to` pairs as arguments. `wait` reaps the processes that lose their
 * parents, such as QEMU, which libvirt would otherwise find still there.
 */
const firstProcess = `
set -e
while [ $# -gt 0 ]; do mount --rbind "$1" "$2"; shift 2; done
mount -t sysfs sysfs /sys
ip link set lo up
echo on
sleep infinity &
wait
`;

/** @throws LAB__COMMAND_FAILED when its mounts can't be made */
export async function startMachine(mounts: readonly MachineMount[]): Promise<Machine> {
  const unshare = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];
  const pairs = mounts.flatMap(({ from, to }) => [from, to]);
  const child = spawn("unshare", [...unshare, "sh", "-c", firstProcess, "sh", ...pairs], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = once(child, "exit");
  let problem = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (problem = (problem + text).slice(-2000)));
  const on = await Promise.race([once(child.stdout, "data").then(() => true), gone.then(() => false)]);
  const pid = child.pid;
  if (!on || pid === undefined)
    throw new LoomstackError("LAB__COMMAND_FAILED", {
      command: "unshare",
      status: child.exitCode ?? "a signal",
      stderr: problem,
    });
  const namespaces = ["mnt", "net"].map((kind) => `--${kind === "mnt" ? "mount" : kind}=/proc/${pid}/ns/${kind}`);
  const enter = [...namespaces, `--pid=/proc/${pid}/ns/pid_for_children`, "--"];
  return {
    pid,
    inside: (command, args) => ({ command: "nsenter", args: [...enter, command, ...args] }),
    cutPower: () => cutPower(child, pid, gone),
  };
}

async function cutPower(child: ChildProcess, pid: number, gone: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // The kernel lets process 1 end only after every other process of its namespace has, and unshare waits for it.
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const first = Number(children.trim().split(" ")[0]);
  if (first > 0) process.kill(first, "SIGKILL");
  else killGroup(child, "SIGKILL");
  await gone;
}
