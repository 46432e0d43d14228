import type { ExplainedSubject, Explanation, Explanations, Intent, Trace, TraceRequest } from "@loomstack/model";
import type { ExplainedHypervisors } from "./explained-hypervisor.ts";
import { explain } from "./explanation.ts";
import { tracePacket } from "./packet-trace.ts";

/** Explains flows and traces packets, of the hypervisors that are managed now. */
export class Explainer implements Explanations {
  readonly #intent: Intent;
  readonly #hypervisors: ExplainedHypervisors;

  constructor(intent: Intent, hypervisors: ExplainedHypervisors) {
    this.#intent = intent;
    this.#hypervisors = hypervisors;
  }

  explain(subject: ExplainedSubject): Explanation {
    return explain(this.#intent, this.#hypervisors, subject);
  }

  async trace(request: TraceRequest): Promise<Trace> {
    return tracePacket(this.#intent, this.#hypervisors, request);
  }
}
