import { code } from "../code.ts";

export const cloudCodes = {
} as const;
