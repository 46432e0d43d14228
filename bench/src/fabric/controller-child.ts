import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { LoomstackError } from "@loomstack/core";
import { builtController } from "./built-controller.ts";
import type { AnswerMessage, CallName, ControllerCalls } from "./controller-calls.ts";
import { type ProcessUsage, usageOf } from "./process-usage.ts";

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The controller's process, from the side of those who call. */
export class ControllerChild implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #started = Promise.withResolvers<number>();
  #nextId = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, "close");
    child.on("message", (message) => this.#receive(message as AnswerMessage));
    child.on("close", (status: number | null) => this.#fail(status));
  }

  /**
   * Starts it; resolves when it listens for switches.
   *
   * @param openflowPort 0: the system chooses
   * @throws LAB__DAEMON_ENDED
   */
  static async start(
    storeFile: string,
    openflowPort = 0,
  ): Promise<ControllerChild & { readonly openflowPort: number }> {
    const args = [
      "--pdeathsig",
      "KILL",
      process.execPath,
      ...(await builtController()),
      storeFile,
      openflowPort.toString(),
    ];
    const child = new ControllerChild(spawn("setpriv", args, { stdio: ["ignore", "inherit", "inherit", "ipc"] }));
    return Object.assign(child, { openflowPort: await child.#started.promise });
  }

  get usage(): ProcessUsage {
    return usageOf([this.#child.pid ?? 0]);
  }

  /** @throws LAB__COMMAND_FAILED when it can't; LAB__DAEMON_ENDED */
  async call<Name extends CallName>(
    call: Name,
    parameter: ControllerCalls[Name][0],
  ): Promise<ControllerCalls[Name][1]> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    this.#child.send({ id, call, parameter });
    // Its process answers with what the call's row says.
    return (await promise) as ControllerCalls[Name][1];
  }

  /** Ends it as a crash would. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #receive(message: AnswerMessage): void {
    if ("openflowPort" in message) return this.#started.resolve(message.openflowPort);
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("answer" in message) return waiting?.resolve(message.answer);
    const context = { command: "the controller", status: "an error", stderr: message.error };
    waiting?.reject(new LoomstackError("LAB__COMMAND_FAILED", context));
  }

  #fail(status: number | null): void {
    const context = { daemon: "the controller", hypervisor: "this machine", status: status ?? "a signal", output: "" };
    const error = new LoomstackError("LAB__DAEMON_ENDED", context);
    this.#started.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
