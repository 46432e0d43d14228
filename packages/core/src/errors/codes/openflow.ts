import { code } from "../code.ts";

export const openflowCodes = {
} as const;
