/**
 * What a command is: one entry of the command table, from which requests are read and answered and listApis is written.
 */
import type { Caller, Cloud } from "@loomstack/cloud";
import { LoomstackError } from "@loomstack/core";
import type { Job, Store, User } from "@loomstack/model";
import type { Page } from "./paging.ts";
import type { Parameters, ParameterValues } from "./parameter.ts";
import { listBody, type ResponseObject } from "./response.ts";

export interface CommandContext {
  readonly cloud: Cloud;
  readonly store: Store;
  readonly caller: Caller;
  readonly session: SessionControl;
  /** The command table that this command is one of. */
  readonly commands: CommandTable;
}

/** What login and logout need of the request that they are in. */
export interface SessionControl {
  /** The user of that name and password. @throws MODEL__TOO_MANY_ATTEMPTS */
  authenticate(name: string, password: string): Promise<User | undefined>;
  /** Begins a session. @throws CLOUDSTACK__UNAUTHENTICATED for a user who has gone meanwhile */
  open(user: User): Promise<{ readonly sessionKey: string; readonly timeoutSec: number }>;
  /** Ends the session of the request, where it has one. */
  close(): void;
}

export interface Command {
  readonly description: string;
  readonly parameters: Parameters;
  readonly response: ResponseObject<never>;
  readonly isAsync: boolean;
  /** Whether users who aren't administrators may call it. */
  readonly forUsers: boolean;
  /** Whether those may call it who haven't said who they are. Such a command is never given a user. */
  readonly forAnyone: boolean;
  /** What stands under `<command>response`. */
  handle(name: string, context: CommandContext, parameters: ReadonlyMap<string, string>): Promise<object>;
  /** The `jobresult` of a job of this command. */
  jobResult(result: unknown): object;
}

export type CommandTable = Readonly<Record<string, Command>>;

interface Definition<P extends Parameters, Value> {
  readonly description: string;
  readonly params: P;
  readonly response: ResponseObject<Value>;
  readonly forUsers?: boolean;
  readonly forAnyone?: boolean;
  /**
   * Parameters of CloudStack that would change what is done, and that aren't supported: a request with one is refused.
   */
  readonly refused?: readonly string[];
}

type Run<P extends Parameters, Result> = (
  parameters: ParameterValues<P>,
  context: CommandContext,
  name: string,
) => Promise<Result>;

/** A command that answers with one object: `{ <key>: {…} }`. */
export function command<const P extends Parameters, Value>(
  definition: Definition<P, Value> & { readonly run: Run<P, Value> },
): Command {
  return commandOf(definition, false, async (values, context, name) => {
    const value = await definition.run(values, context, name);
    return { [definition.response.key]: definition.response.write(value) };
  });
}

/** A command whose answer has the fields of the object themselves, under no key. */
export function bareCommand<const P extends Parameters, Value>(
  definition: Definition<P, Value> & { readonly run: Run<P, Value> },
): Command {
  return commandOf(definition, false, async (values, context, name) =>
    definition.response.write(await definition.run(values, context, name)),
  );
}

/** A command that answers with a list. */
export function listCommand<const P extends Parameters, Value>(
  definition: Definition<P, Value> & { readonly run: Run<P, Page<Value>> },
): Command {
  return commandOf(definition, false, async (values, context, name) =>
    listBody(definition.response, await definition.run(values, context, name)),
  );
}

export interface Submitted {
  readonly job: Job;
  /** Whether the answer names the new object besides the job. */
  readonly creates?: boolean;
}

/**
 * A command that answers with a job: `{ jobid }`, and the `id` of what it makes. The result of the job is written as
 * `response`.
 */
export function asyncCommand<const P extends Parameters, Value>(
  definition: Definition<P, Value> & { readonly run: Run<P, Submitted> },
): Command {
  return commandOf(definition, true, async (values, context, name) => {
    const { job, creates = false } = await definition.run(values, context, name);
    return { ...(creates && job.subjectId !== null ? { id: job.subjectId } : {}), jobid: job.id };
  });
}

function commandOf<P extends Parameters, Value>(
  definition: Definition<P, Value>,
  isAsync: boolean,
  answer: Run<P, object>,
): Command {
  const { description, params, response, forUsers = false, forAnyone = false } = definition;
  return {
    description,
    parameters: params,
    response,
    isAsync,
    forUsers,
    forAnyone,
    async handle(name, context, parameters) {
      assertNoneOf(name, definition.refused ?? [], parameters);
      return answer(await readParameters(name, params, context, parameters), context, name);
    },
    jobResult: (result) => {
      const written = response.write(result as Value);
      return response.key === "" ? written : { [response.key]: written };
    },
  };
}

function assertNoneOf(name: string, refused: readonly string[], parameters: ReadonlyMap<string, string>): void {
  for (const [given, value] of parameters) {
    const parameter = given.replace(/\[.*$/, "");
    if (!refused.includes(parameter) || value === "") continue;
    throw new LoomstackError("CLOUDSTACK__INVALID_VALUE", {
      command: name.toLowerCase(),
      parameter,
      value,
      reason: "it isn't supported",
    });
  }
}

async function readParameters<P extends Parameters>(
  name: string,
  declared: P,
  { store, caller }: CommandContext,
  parameters: ReadonlyMap<string, string>,
): Promise<ParameterValues<P>> {
  const command = name.toLowerCase();
  const values: Record<string, unknown> = {};
  for (const [parameter, declaration] of Object.entries(declared)) {
    const value = await declaration.read({ command, parameter, db: store.db, caller, parameters });
    if (value === undefined && declaration.required)
      throw new LoomstackError("CLOUDSTACK__MISSING_PARAMETER", { command, parameter });
    values[parameter] = value;
  }
  return values as ParameterValues<P>;
}
