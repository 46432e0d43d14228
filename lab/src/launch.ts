/**
 * Runs a script in a world of its own, so that nothing can be left behind, whatever dies:
 *
 *     launcher (this process) ─ IPC ─────────────────────────────────────┐
 *       └ setpriv --pdeathsig KILL unshare (dies with the launcher)        │
 *           └ sh, process 1 of the world (dies with unshare): reaps orphans│
 *               └ node script (its end is the end of sh)  ◄────────────────┘
 *                   └ ovs-vswitchd, libvirtd, QEMU …
 *
 * When process 1 of a process namespace ends, the kernel kills every other process of it; network namespaces, links,
 * mounts and the tmpfs over /run go with the last process that used them. Nothing is made in the outer network
 * namespace.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { LoomstackError } from "@loomstack/core";
import { serveListenRequests } from "./expose-tcp.ts";
import { temporaryFolder } from "./paths.ts";
import { exitCodeOf, killGroup, runCommand } from "./process.ts";
import { networkNamespace, outerNetworkVariable, worldVariable } from "./world.ts";

export interface RunInLabOptions {
  /** Added to the environment of the script. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long the script may take to end after a signal before it is killed; 20 s unless told. */
  readonly graceMs?: number;
  /** Ends the script as SIGTERM does. */
  readonly signal?: AbortSignal;
}

const unshareArguments = [
  "--mount",
  "--net",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
  "--propagation",
  "private",
];

/** Runs as process 1 of the world. `wait` reaps whatever processes lose their parents. */
const firstProcess = `
set -e
mount -t tmpfs -o mode=755 loomstack-run /run
mkdir -p /run/lock ${temporaryFolder}
mount -t sysfs sysfs /sys
ip link set lo up
set +e
"$@" <&0 &
child=$!
wait "$child"
exit $?
`;

const forwardedSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a script under this Node.js in a new world, with this process's standard input, output and error. SIGINT,
 * SIGTERM and SIGHUP are handed on to the script; a second one more than a second later, or the end of `graceMs`, ends
 * the world at once.
 *
 * @returns the script's exit code
 * @throws LAB__NAMESPACES_REFUSED
 */
export async function runInLab(
  script: URL | string,
  args: readonly string[],
  options: RunInLabOptions = {},
): Promise<number> {
  await requireNamespaces();
  const file = script instanceof URL || script.startsWith("file:") ? fileURLToPath(script) : script;
  const supervisor = new URL("./supervised.ts", import.meta.url).href;
  const inner = [process.execPath, "--import", supervisor, file, ...args];
  const child = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "unshare", ...unshareArguments, "sh", "-c", firstProcess, "sh", ...inner],
    {
      // A session of its own: a terminal's Ctrl-C reaches the launcher alone, which hands it on in good order.
      detached: true,
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      env: { ...process.env, ...worldEnvironment(), ...options.env },
    },
  );
  using _listening = serveListenRequests(child);
  using _signals = forwardSignals(child, options);
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? exitCodeOf(signal);
}

function worldEnvironment(): Record<string, string> {
  return {
    [outerNetworkVariable]: networkNamespace(),
    [worldVariable]: randomUUID(),
    LOOMSTACK_LAB_SUPERVISED: "1",
    TMPDIR: temporaryFolder,
    LC_ALL: "C.UTF-8",
  };
}

function forwardSignals(child: ChildProcess, options: RunInLabOptions): Disposable {
  let firstAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => killGroup(child, "SIGKILL");
  const stop = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (firstAt !== undefined) {
      // A terminal's Ctrl-C comes twice, from the terminal and from the parent that hands it on: those two are one.
      if (now - firstAt > 1000) end();
      return;
    }
    firstAt = now;
    if (child.connected) child.send({ loomstack: "stop", signal });
    else end();
    timer = setTimeout(end, options.graceMs ?? 20_000);
  };
  const onAbort = (): void => stop("SIGTERM");
  for (const signal of forwardedSignals) process.on(signal, stop);
  options.signal?.addEventListener("abort", onAbort);
  if (options.signal?.aborted === true) onAbort();
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const signal of forwardedSignals) process.off(signal, stop);
      options.signal?.removeEventListener("abort", onAbort);
    },
  };
}

async function requireNamespaces(): Promise<void> {
  const trial = await runCommand("unshare", [...unshareArguments, "true"]);
  if (trial.exitCode === 0) return;
  throw new LoomstackError("LAB__NAMESPACES_REFUSED", {
    reason: trial.stderr.trim() || `unshare exited with ${trial.exitCode}`,
  });
}
