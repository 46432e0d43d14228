/** What of our errors becomes which of CloudStack's (ApiErrorCode.java, CSExceptionErrorCode.java). */
import {
  type Blame,
  type ErrorCode,
  errorTable,
  httpStatusOf,
  isLoomstackError,
  LoomstackError,
} from "@loomstack/core";

export interface ApiErrorCode {
  /** Also the HTTP status. */
  readonly errorcode: number;
  readonly cserrorcode: number;
}

const unauthorised: ApiErrorCode = { errorcode: 401, cserrorcode: 9999 };
const badRequest: ApiErrorCode = { errorcode: 431, cserrorcode: 9999 };
const badParameter: ApiErrorCode = { errorcode: 431, cserrorcode: 4350 };
const inUse: ApiErrorCode = { errorcode: 536, cserrorcode: 4375 };
const internal: ApiErrorCode = { errorcode: 530, cserrorcode: 4250 };

const byCode: Readonly<Partial<Record<ErrorCode, ApiErrorCode>>> = {
  CLOUDSTACK__UNAUTHENTICATED: unauthorised,
  CLOUDSTACK__LOGIN_FAILED: { errorcode: 531, cserrorcode: 4290 },
  MODEL__TOO_MANY_ATTEMPTS: { errorcode: 429, cserrorcode: 4545 },
  CLOUDSTACK__METHOD_NOT_ALLOWED: { errorcode: 405, cserrorcode: 9999 },
  CLOUDSTACK__UNSUPPORTED_FORMAT: { errorcode: 430, cserrorcode: 9999 },
  CLOUDSTACK__UNKNOWN_COMMAND: { errorcode: 432, cserrorcode: 9999 },
  CLOUDSTACK__MALFORMED_REQUEST: badRequest,
  CLOUDSTACK__MISSING_PARAMETER: badRequest,
  CLOUDSTACK__UNKNOWN_ENTITY: badRequest,
  CLOUDSTACK__INVALID_VALUE: badRequest,
  CLOUD__IN_USE: inUse,
  MODEL__IN_USE: inUse,
  CLOUD__NO_CAPACITY: { errorcode: 533, cserrorcode: 4335 },
  CLOUD__ADDRESSES_EXHAUSTED: { errorcode: 533, cserrorcode: 4320 },
  CLOUD__SEGMENTS_EXHAUSTED: { errorcode: 533, cserrorcode: 4331 },
  CLOUD__HOST_UNAVAILABLE: { errorcode: 534, cserrorcode: 4380 },
  CLOUD__JOBS_EXCEEDED: { errorcode: 429, cserrorcode: 4545 },
};

const byBlame: Readonly<Record<Blame, ApiErrorCode>> = {
  caller: badParameter,
  peer: internal,
  environment: internal,
  bug: internal,
};

export function apiErrorOf(code: ErrorCode): ApiErrorCode {
  return byCode[code] ?? byBlame[errorTable[code].blame];
}

/** What the HTTP server refuses before there is a command (a body that is too long, or of a type that isn't read). */
export function understand(thrown: unknown): unknown {
  if (isLoomstackError(thrown) || !(thrown instanceof Error) || (httpStatusOf(thrown) ?? 500) >= 500) return thrown;
  return new LoomstackError("CLOUDSTACK__MALFORMED_REQUEST", { reason: thrown.message }, { cause: thrown });
}

/**
 * How an error is told: `{ uuidList, errorcode, cserrorcode, errortext }`. What isn't ours is told without its words.
 */
export function errorBody(
  error: unknown,
): ApiErrorCode & { readonly uuidList: readonly string[]; readonly errortext: string } {
  const known = isLoomstackError(error) && error.blame !== "bug";
  return {
    uuidList: [],
    ...(isLoomstackError(error) ? apiErrorOf(error.code) : internal),
    errortext: known ? error.message : "an internal error; the server's log has the details",
  };
}

/** The code of a failed job; one that isn't in the table any more counts as internal. */
export function jobErrorCode(code: string | null): ApiErrorCode {
  return code !== null && code in errorTable ? apiErrorOf(code as ErrorCode) : internal;
}
