/**
 * What a run of the tests could leave on the machine: processes, network namespaces, links, mounts, files in the folder
 * for temporary files.
 */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdir, readFile, readlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

/** Everything on the machine that a run could leave, as lines such as `link hv1`. */
export type Observation = ReadonlySet<string>;

const markVariable = "LOOMSTACK_TEST_RUN";
/** Network namespaces and their links go a moment after the last process that used them. */
const settleMs = 5000;

/** Marks this process, so that all that it starts from now on can be found. */
export function markProcesses(): string {
  const mark = randomUUID();
  process.env[markVariable] = mark;
  return mark;
}

export async function observeMachine(mark: string): Promise<Observation> {
  return new Set(
    (await Promise.all([namespaces(), links(), mounts(), temporaryFiles(), markedProcesses(mark)])).flat(),
  );
}

/** What is there now and was not before. */
export async function findLeftovers(before: Observation, mark: string): Promise<readonly string[]> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const leftovers = [...(await observeMachine(mark))].filter((line) => !before.has(line));
    if (leftovers.length === 0 || performance.now() > deadline) return leftovers;
    await pause(100);
  }
}

async function namespaces(): Promise<string[]> {
  return (await lines("ip", "netns", "list")).map((line) => `network namespace ${String(line.split(" ")[0])}`);
}

async function links(): Promise<string[]> {
  return (await lines("ip", "-o", "link", "show")).map(
    (line) => `link ${String(line.split(": ")[1]).replace(/@.*/, "")}`,
  );
}

async function mounts(): Promise<string[]> {
  const table = (await readFile("/proc/self/mountinfo", "utf8")).trim().split("\n");
  return table.map((line) => `mount ${String(line.split(" ")[4])}`);
}

async function temporaryFiles(): Promise<string[]> {
  return (await readdir(tmpdir()))
    .filter((name) => name.includes("loomstack"))
    .map((name) => `file ${tmpdir()}/${name}`);
}

/**
 * Processes that carry the mark in their environment, and those in the process namespaces of such processes: QEMU's
 * environment is not that of whoever asked for it.
 */
async function markedProcesses(mark: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const found = await Promise.all(pids.map((pid) => describeProcess(pid, mark)));
  const processes = found.filter((each) => each !== undefined);
  const ours = await readlink("/proc/self/ns/pid");
  const suspect = new Set(
    processes.filter(({ marked, namespace }) => marked && namespace !== ours).map(({ namespace }) => namespace),
  );
  return processes
    .filter(({ marked, namespace }) => marked || suspect.has(namespace))
    .map(({ pid, command }) => `process ${pid} ${command}`);
}

async function describeProcess(
  pid: string,
  mark: string,
): Promise<{ pid: string; command: string; marked: boolean; namespace: string } | undefined> {
  try {
    const [environment, command, namespace] = await Promise.all([
      readFile(`/proc/${pid}/environ`, "latin1"),
      readFile(`/proc/${pid}/cmdline`, "latin1"),
      readlink(`/proc/${pid}/ns/pid`),
    ]);
    const marked = environment.includes(`${markVariable}=${mark}`);
    return { pid, command: command.replaceAll("\0", " ").trim().slice(0, 120), marked, namespace };
  } catch {
    // It ended in between.
    return undefined;
  }
}

async function lines(command: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(command, args);
  return stdout.split("\n").filter((line) => line !== "");
}
