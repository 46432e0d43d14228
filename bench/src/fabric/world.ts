/** The hypervisors of one run, each with its Open vSwitch, in one folder that goes with them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenVSwitch, startOpenVSwitch } from "./open-vswitch.ts";
import { joinUnderlay, makeHub } from "./underlay.ts";
import { endpointOf, systemId, type Work } from "./work.ts";

/** How many hypervisors are being started at a time. */
const startsAtOnce = 8;

export interface World extends AsyncDisposable {
  readonly folder: string;
  readonly hypervisors: readonly OpenVSwitch[];
}

export interface WorldOptions {
  readonly work: Work;
  readonly signal: AbortSignal;
  /** What else the Open_vSwitch row of a hypervisor says. */
  readonly settings?: (hypervisor: number) => readonly string[];
  /** Whether packets shall pass between them. */
  readonly underlay: boolean;
}

/** Starts them, with nothing on them but their identity. */
export async function startWorld({ work, signal, settings, underlay }: WorldOptions): Promise<World> {
  await using starting = new AsyncDisposableStack();
  const folder = await makeFolder(starting);
  const hub = underlay ? starting.use(await startOpenVSwitch(folder, work.hypervisors, [])) : undefined;
  if (hub !== undefined) await makeHub(hub, work.hypervisors);
  const startOne = async (index: number): Promise<OpenVSwitch> => {
    signal.throwIfAborted();
    const identity = [`external_ids:system-id=${systemId(index)}`, `other_config:local_ip=${endpointOf(index)}`];
    const host = starting.use(await startOpenVSwitch(folder, index, [...identity, ...(settings?.(index) ?? [])]));
    if (hub !== undefined) await joinUnderlay(host, index, hub, work.hypervisors);
    return host;
  };
  const indexes = Array.from({ length: work.hypervisors }, (_, index) => index);
  const hypervisors: OpenVSwitch[] = [];
  for (let first = 0; first < indexes.length; first += startsAtOnce) {
    const started = await Promise.allSettled(indexes.slice(first, first + startsAtOnce).map(startOne));
    for (const one of started) {
      if (one.status === "rejected") throw one.reason;
      hypervisors.push(one.value);
    }
  }
  const running = starting.move();
  return { folder, hypervisors, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** A folder for a run's files and sockets; it goes with the stack. */
export async function makeFolder(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "loomstack-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
