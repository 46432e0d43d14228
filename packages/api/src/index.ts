export type {
  ErrorAnswer,
  EventsAnswer,
  ExplainAnswer,
  FlowAnswer,
  FlowsAnswer,
  HypervisorAnswer,
  HypervisorsAnswer,
  NetworkTrafficAnswer,
  PortTrafficAnswer,
  PuntedPacketsAnswer,
  SwitchAnswer,
  SwitchesAnswer,
  SwitchStatisticsAnswer,
  TraceAnswer,
} from "./answers.ts";
export { healthPath } from "./health.ts";
export { HttpMeasurements } from "./metrics/http-measurements.ts";
export { apiNorthbound } from "./northbound.ts";
export type { ApiOptions } from "./options.ts";
