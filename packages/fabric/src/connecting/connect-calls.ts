import { type Listeners, LoomstackError } from "@loomstack/core";
import type { NodeAddress } from "@loomstack/model";
import type { Hypervisor } from "../hypervisor.ts";
import type { Connections } from "./connections.ts";
import type { Dialling } from "./dialling.ts";

/** The calls to connect a hypervisor, each of which waits until it is ready, or known not to become so. */
export class ConnectCalls {
  readonly #connections: Connections;
  readonly #changed: Listeners<string>;
  /** How many calls wait for what one of them has started. */
  readonly #callers = new WeakMap<Dialling, number>();
  #waiting = 0;

  /** @param changed told by key or name when something about a hypervisor may have changed */
  constructor(connections: Connections, changed: Listeners<string>) {
    this.#connections = connections;
    this.#changed = changed;
  }

  /** How many calls haven't been answered. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves when the hypervisor is ready, and part of intent. @throws FABRIC__… */
  async connect(node: NodeAddress, signal: AbortSignal): Promise<Hypervisor> {
    const dialling = this.#connections.attempt(node);
    this.#count(dialling, 1);
    try {
      const hypervisor = await this.#ready(dialling, signal);
      await this.#connections.keep(dialling, hypervisor);
      return hypervisor;
    } catch (error) {
      if (this.#callers.get(dialling) === 1) this.#connections.giveUp(dialling);
      throw error;
    } finally {
      this.#count(dialling, -1);
    }
  }

  #count(dialling: Dialling, change: number): void {
    this.#waiting += change;
    this.#callers.set(dialling, (this.#callers.get(dialling) ?? 0) + change);
  }

  async #ready(dialling: Dialling, signal: AbortSignal): Promise<Hypervisor> {
    const settled = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (this.#isSettled(dialling)) settled.resolve(undefined);
    };
    using _watch = this.#changed.add(look);
    const abort = (): void => settled.resolve(undefined);
    signal.addEventListener("abort", abort, { once: true });
    look();
    if (signal.aborted) abort();
    await settled.promise;
    signal.removeEventListener("abort", abort);
    const hypervisor = this.#connections.hypervisorOf(dialling);
    if (hypervisor?.view.state === "ready" && !dialling.isOver) return hypervisor;
    throw this.#notReady(dialling, hypervisor);
  }

  #isSettled(dialling: Dialling): boolean {
    const hypervisor = this.#connections.hypervisorOf(dialling);
    if (dialling.isOver || dialling.refusal !== undefined) return true;
    if (hypervisor?.view.state === "ready" || hypervisor?.view.state === "refused") return true;
    // The first failure to connect is answered at once: the caller knows best whether to try again.
    return dialling.failure !== undefined && hypervisor?.isConnected !== true;
  }

  #notReady(dialling: Dialling, hypervisor: Hypervisor | undefined): LoomstackError {
    const { address, port } = dialling.node;
    const where = { hypervisor: dialling.name, address, port };
    if (dialling.isOver) {
      const reason = "it was given up meanwhile, or is connected at another address";
      return new LoomstackError("FABRIC__HYPERVISOR_NOT_READY", { ...where, reason });
    }
    const reason = dialling.refusal ?? dialling.failure ?? hypervisor?.view.reason ?? "it is being dialled";
    if (dialling.refusal !== undefined || hypervisor?.view.state === "refused")
      return new LoomstackError("FABRIC__HYPERVISOR_REFUSED", { ...where, reason });
    const isReached = hypervisor?.isConnected === true;
    return new LoomstackError(isReached ? "FABRIC__HYPERVISOR_NOT_READY" : "FABRIC__HYPERVISOR_UNREACHABLE", {
      ...where,
      reason,
    });
  }
}
