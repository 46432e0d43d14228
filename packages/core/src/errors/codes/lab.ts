import { code } from "../code.ts";

export const labCodes = {
  LAB__COMMAND_FAILED: code("environment", "{command} exited with {status}: {stderr}"),
  LAB__TIMEOUT: code("environment", "{what} did not happen within {timeoutMs} ms"),
} as const;
