import { code } from "../code.ts";

export const modelCodes = {
} as const;
