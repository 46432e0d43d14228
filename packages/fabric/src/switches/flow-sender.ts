import { isLoomstackError, type LoomstackError } from "@loomstack/core";
import { flowMod, type SwitchConnection } from "@loomstack/openflow";
import type { FlowChange } from "../reconcile/diff-flows.ts";
import type { FlowStep } from "./flow-steps.ts";
import { isAboutTheFlow } from "./told-flow.ts";

/** What became of one change. */
export interface SentChange {
  readonly change: FlowChange;
  /** Why it was refused; undefined where the switch has taken it. */
  readonly refusal?: LoomstackError;
}

/**
 * Sends steps to one switch. Static flows are independent of each other, and a switch may refuse any of them, so that
 * each step is sent by itself. The changes of one step are made at once, in a bundle, where the switch has bundles, and
 * else in their order.
 */
export class FlowSender {
  readonly #connection: SwitchConnection;
  #hasBundles: boolean;

  constructor(connection: SwitchConnection) {
    this.#connection = connection;
    this.#hasBundles = connection.version !== "1.0";
  }

  /**
   * Gives what became of the changes, of which those behind a refused one of their step weren't sent; and why others
   * could not be sent: OPENFLOW__… when the connection ends.
   */
  async send(
    steps: readonly FlowStep[],
  ): Promise<{ readonly sent: readonly SentChange[]; readonly failures: readonly unknown[] }> {
    const outcomes = await Promise.allSettled(steps.map(async (step) => this.#sendStep(step)));
    return {
      sent: outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? outcome.value : [])),
      failures: outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : [])),
    };
  }

  async #sendStep(step: FlowStep): Promise<SentChange[]> {
    if (step.length > 1 && this.#hasBundles) {
      const sent = await this.#sendBundle(step);
      if (sent !== undefined) return sent;
    }
    const sent: SentChange[] = [];
    for (const change of step) {
      const refusal = await refusalOf(this.#connection.apply([modOf(change)]));
      sent.push(refusal === undefined ? { change } : { change, refusal });
      if (refusal !== undefined) break;
    }
    return sent;
  }

  /** Undefined where the switch has no bundles. */
  async #sendBundle(step: FlowStep): Promise<SentChange[] | undefined> {
    try {
      const refusal = await refusalOf(this.#connection.applyBundle(step.map(modOf)));
      return refusal === undefined ? step.map((change) => ({ change })) : [{ change: step[0], refusal }];
    } catch (error) {
      if (!isLoomstackError(error, "OPENFLOW__UNSUPPORTED_REQUEST")) throw error;
      this.#hasBundles = false;
      return undefined;
    }
  }
}

function modOf({ command, flow }: FlowChange): ReturnType<typeof flowMod> {
  return flowMod(command, flow.flow);
}

/** What is wrong with the flow, in the switch's eyes; what is wrong with the connection is thrown. */
async function refusalOf(work: Promise<void>): Promise<LoomstackError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!isAboutTheFlow(error)) throw error;
    return error;
  }
}
