import { errorName10 } from "../of10/error-names.ts";
import { errorName } from "../of13/error-names.ts";
import type { ErrorBody } from "../of13/messages/error.ts";
import type { OpenFlowVersion } from "./version.ts";

/** The name of an error as its version's specification has it, with its numbers. */
export function errorNameIn(version: OpenFlowVersion, error: ErrorBody): string {
  return version === "1.0" ? errorName10(error) : errorName(error);
}
