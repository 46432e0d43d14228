export { keystoneNorthbound } from "./northbound.ts";
export type { KeystoneOptions } from "./options.ts";
