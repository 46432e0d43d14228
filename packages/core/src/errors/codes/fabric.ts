import { code } from "../code.ts";

export const fabricCodes = {
} as const;
