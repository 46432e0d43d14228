import { code } from "../code.ts";

export const configCodes = {
  CONFIG__INVALID: code("caller", "the configuration is invalid: {reason}"),
} as const;
