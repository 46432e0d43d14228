/** What the calls below /api/v1 answer with, for those who make them: types only, which bring no server with them. */
import type { z } from "zod";
import type { eventsAnswer, hypervisorAnswer, hypervisorsAnswer } from "./answers/controller.ts";
import type { explainAnswer, traceAnswer } from "./answers/explain.ts";
import type { networkTrafficAnswer, portTrafficAnswer } from "./answers/traffic.ts";
import type { flowAnswer, flowsAnswer } from "./answers/flows.ts";
import type { puntedPacketsAnswer, switchAnswer, switchesAnswer, switchStatisticsAnswer } from "./answers/switches.ts";

export type HypervisorAnswer = z.output<typeof hypervisorAnswer>;
export type HypervisorsAnswer = z.output<typeof hypervisorsAnswer>;
export type EventsAnswer = z.output<typeof eventsAnswer>;
export type PortTrafficAnswer = z.output<typeof portTrafficAnswer>;
export type NetworkTrafficAnswer = z.output<typeof networkTrafficAnswer>;
export type SwitchesAnswer = z.output<typeof switchesAnswer>;
export type SwitchAnswer = z.output<typeof switchAnswer>;
export type SwitchStatisticsAnswer = z.output<typeof switchStatisticsAnswer>;
export type PuntedPacketsAnswer = z.output<typeof puntedPacketsAnswer>;
export type FlowsAnswer = z.output<typeof flowsAnswer>;
export type ExplainAnswer = z.output<typeof explainAnswer>;
export type TraceAnswer = z.output<typeof traceAnswer>;
export type FlowAnswer = z.output<typeof flowAnswer>;

/** Whatever the call was, when its status is 400 or more. */
export interface ErrorAnswer {
  readonly error: { readonly code: string; readonly message: string };
}
