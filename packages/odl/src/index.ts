export { odlNorthbound } from "./northbound.ts";
export type { OdlOptions } from "./options.ts";
