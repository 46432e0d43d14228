import { code } from "../code.ts";

export const ovsdbCodes = {
} as const;
