import type { ExplainedSubject, Explanation, Explanations, Trace, TraceRequest } from "@loomstack/model";
import { explain } from "./explanation.ts";
import { type TracedWorld, tracePacket } from "./packet-trace.ts";

/** Explains flows and traces packets, of the hypervisors that are managed now. */
export class Explainer implements Explanations {
  readonly #world: TracedWorld;

  constructor(world: TracedWorld) {
    this.#world = world;
  }

  explain(subject: ExplainedSubject): Explanation {
    return explain(this.#world.intent, this.#world.hypervisors, subject);
  }

  async trace(request: TraceRequest): Promise<Trace> {
    const { trace } = await tracePacket(this.#world, request);
    return trace;
  }
}
