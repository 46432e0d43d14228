import type { Service } from "./service.ts";

/** Every service there is. */
export const services: readonly Service[] = [];
