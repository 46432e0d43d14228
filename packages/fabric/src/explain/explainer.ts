import type {
  ExplainedSubject,
  Explanation,
  Explanations,
  LiveTraceRequest,
  Trace,
  TraceRequest,
} from "@loomstack/model";
import { type ExplainedWorld, explain } from "./explanation.ts";
import type { LiveTracer } from "./live/live-tracer.ts";
import { type TracedWorld, tracePacket } from "./packet-trace.ts";

type ExplainerWorld = TracedWorld & ExplainedWorld;

/** Explains flows and traces packets, of the hypervisors that are managed now. */
export class Explainer implements Explanations {
  readonly #world: ExplainerWorld;
  readonly #live: LiveTracer;

  constructor(world: ExplainerWorld, live: LiveTracer) {
    this.#world = world;
    this.#live = live;
  }

  explain(subject: ExplainedSubject): Explanation {
    return explain(this.#world, subject);
  }

  async trace(request: TraceRequest): Promise<Trace> {
    const { trace } = await tracePacket(this.#world, request);
    return trace;
  }

  async traceLive(request: LiveTraceRequest): Promise<Trace> {
    return this.#live.trace(request);
  }
}
