import { isLoomstackError, type LoomstackError, messageOf } from "@loomstack/core";
import { formatFlow } from "@loomstack/openflow";
import type { FlowChange } from "../reconcile/diff-flows.ts";

interface Refusal {
  readonly command: FlowChange["command"];
  readonly fingerprint: string;
  readonly reason: string;
}

/** The changes that a switch has refused, so that they aren't sent again and again. */
export class FlowRefusals {
  readonly #refusals = new Map<string, Refusal>();

  get size(): number {
    return this.#refusals.size;
  }

  /** Whether any change of this identity was refused. */
  holds(key: string): boolean {
    return this.#refusals.has(key);
  }

  has({ key, command, flow }: FlowChange): boolean {
    const refusal = this.#refusals.get(key);
    return refusal?.command === command && refusal.fingerprint === flow.fingerprint;
  }

  /** Why the addition of a flow was refused; undefined where it wasn't. */
  reasonOf(key: string, fingerprint: string): string | undefined {
    const refusal = this.#refusals.get(key);
    return refusal?.command === "add" && refusal.fingerprint === fingerprint ? refusal.reason : undefined;
  }

  /** Gives the refusal in words. */
  add({ key, command, flow }: FlowChange, error: LoomstackError): string {
    const isOfSwitch =
      isLoomstackError(error, "OPENFLOW__MESSAGE_REFUSED") || isLoomstackError(error, "OPENFLOW__FLOW_REFUSED");
    const reason = isOfSwitch ? `the switch refused it: ${error.context.error}` : messageOf(error);
    this.#refusals.set(key, { command, fingerprint: flow.fingerprint, reason });
    return `${command === "add" ? "" : "deleting "}${formatFlow(flow.flow)}: ${reason}`;
  }

  /** The switch has taken a change of this identity. */
  settle(key: string): void {
    this.#refusals.delete(key);
  }

  clear(): void {
    this.#refusals.clear();
  }
}
