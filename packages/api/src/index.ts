export { apiNorthbound } from "./northbound.ts";
export type { ApiOptions } from "./options.ts";
