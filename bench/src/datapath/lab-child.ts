import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { LoomstackError, messageOf } from "@loomstack/core";

/** What lab/src/datapath/main.ts prints for a side. */
export interface Passages {
  readonly side: "ours" | "plain";
  readonly local: Passage;
  readonly overlay: Passage;
}

export interface Passage {
  readonly mbitPerSec: number;
  readonly roundTripMs: number;
}

const script = join(import.meta.dirname, "../../../lab/src/datapath/main.ts");

/** The lab in a process of its own, which measures both sides in turn for as long as it runs. */
export class LabChild implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    // Even when we are killed with -9, the lab does not outlive us.
    this.#child = spawn("setpriv", ["--pdeathsig", "TERM", process.execPath, script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * What was measured next of this side.
   *
   * @throws LAB__COMMAND_FAILED where the lab has ended: it says why on standard error; CORE__ABORTED
   */
  async next(side: Passages["side"], signal: AbortSignal): Promise<Passages> {
    const stop = (): void => void this.#child.kill();
    signal.addEventListener("abort", stop, { once: true });
    try {
      for (;;) {
        const measured = JSON.parse(await this.#line()) as Passages;
        if (measured.side === side) return measured;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new LoomstackError("CORE__ABORTED", { what: "the lab's datapath", reason: messageOf(signal.reason) });
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }

  async #line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done !== true) return next.value;
    throw new LoomstackError("LAB__COMMAND_FAILED", { command: script, status: 1, stderr: "it has ended" });
  }
}
