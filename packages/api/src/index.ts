export type {
  ErrorAnswer,
  FlowAnswer,
  FlowsAnswer,
  PuntedPacketsAnswer,
  SwitchAnswer,
  SwitchesAnswer,
  SwitchStatisticsAnswer,
} from "./answers.ts";
export { apiNorthbound } from "./northbound.ts";
export type { ApiOptions } from "./options.ts";
