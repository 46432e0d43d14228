export { type CloudstackOptions, cloudstackNorthbound } from "./northbound.ts";
export { signatureOf, type SignedParameters } from "./protocol/signature.ts";
