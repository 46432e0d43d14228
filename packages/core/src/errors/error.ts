import type { Blame, ContextOf } from "./code.ts";
import { type ErrorCode, errorTable } from "./table.ts";

export type ErrorContext<C extends ErrorCode> = ContextOf<(typeof errorTable)[C]["template"]>;

type ErrorArguments<C extends ErrorCode> =
  unknown extends ErrorContext<C>
    ? [context?: Record<string, never>, options?: ErrorOptions]
    : [context: ErrorContext<C>, options?: ErrorOptions];

/**
 * The one error class. What it says comes from the error table; `context` carries the objects concerned, typed by the
 * code.
 *
 * @example throw new LoomstackError("CORE__INVALID_MAC", { value: "zz" });
 */
export class LoomstackError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "LoomstackError";
  readonly code: C;
  readonly context: ErrorContext<C>;

  constructor(code: C, ...[context, options]: ErrorArguments<C>) {
    const values: Readonly<Record<string, unknown>> = context ?? {};
    super(format(errorTable[code].template, values), options);
    this.code = code;
    this.context = values as ErrorContext<C>;
  }

  get blame(): Blame {
    return errorTable[this.code].blame;
  }
}

/** Whether `error` is one of ours, and (with a code) that very one; narrows the context. */
export function isLoomstackError<C extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: C,
): error is LoomstackError<C> {
  return error instanceof LoomstackError && (code === undefined || error.code === code);
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function format(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}
