import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { LoomstackError } from "@loomstack/core";

const program = path.join(import.meta.dirname, "bare-listener-main.ts");

export type BareListenerMessage = { readonly port: number } | "told";

/** The process of a bare listener, which can be killed and started again as a controller can. */
export class BareListener implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #listening = Promise.withResolvers<number>();
  readonly #told = Promise.withResolvers<undefined>();

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, "close");
    // Whoever waits for either hears of its end; nobody has to wait.
    for (const { promise } of [this.#listening, this.#told]) promise.catch(() => {});
    child.on("message", (message) => this.#receive(message as BareListenerMessage));
    child.on("close", (status: number | null) => this.#fail(status));
  }

  /**
   * Starts it; resolves when it listens.
   *
   * @param port 0: the system chooses
   * @throws LAB__DAEMON_ENDED
   */
  static async start(port: number, switches: number): Promise<BareListener & { readonly port: number }> {
    const args = ["--pdeathsig", "KILL", process.execPath, program, port.toString(), switches.toString()];
    const listener = new BareListener(spawn("setpriv", args, { stdio: ["ignore", "inherit", "inherit", "ipc"] }));
    return Object.assign(listener, { port: await listener.#listening.promise });
  }

  /** Resolves when all switches have told their flows. @throws LAB__DAEMON_ENDED */
  async told(signal: AbortSignal): Promise<void> {
    const abort = (): void => void this.#child.kill("SIGKILL");
    signal.addEventListener("abort", abort, { once: true });
    try {
      await this.#told.promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** Ends it as a crash would. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #receive(message: BareListenerMessage): void {
    if (message === "told") this.#told.resolve(undefined);
    else this.#listening.resolve(message.port);
  }

  #fail(status: number | null): void {
    const context = {
      daemon: "the bare listener",
      hypervisor: "this machine",
      status: status ?? "a signal",
      output: "",
    };
    const error = new LoomstackError("LAB__DAEMON_ENDED", context);
    this.#listening.reject(error);
    this.#told.reject(error);
  }
}
