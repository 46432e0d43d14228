import { code } from "../code.ts";

export const northboundCodes = {
} as const;
