/**
 * The CloudStack HTTP API as a Fastify plug-in: `GET` and `POST /client/api`, answers in JSON.
 *
 *     request ──► who asks (signature or session) ──► command table ──► `{ "<command>response": … }`
 */
import formbody from "@fastify/formbody";
import cookie from "@fastify/cookie";
import type { Caller, Cloud } from "@loomstack/cloud";
import {
  type Clock,
  isLoomstackError,
  type Logger,
  LoomstackError,
  type Uuid,
  type RandomBytes,
} from "@loomstack/core";
import { findUser, type Identity, type Principal, type Store, type User } from "@loomstack/model";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { authenticateRequest, sessionCookie, sessionKeyCookie } from "./authentication.ts";
import { commands } from "./commands/index.ts";
import type { Command, CommandContext, SessionControl } from "./protocol/command.ts";
import { errorBody, understand } from "./protocol/errors.ts";
import {
  type ApiRequest,
  byLowerCaseName,
  parameterLimit,
  withControlCharacters,
  writtenParameters,
} from "./protocol/request.ts";
import { Sessions, sessionTimeoutSec } from "./sessions.ts";

export interface CloudstackOptions {
  readonly cloud: Cloud;
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: RandomBytes;
  readonly identity: Identity;
}

interface NamedCommand {
  readonly name: string;
  readonly command: Command;
}

const byLowerCase = new Map<string, NamedCommand>(
  Object.entries(commands).map(([name, command]) => [name.toLowerCase(), { name, command }]),
);

const nobody = { userId: "" as Uuid, account: "", isAdmin: false };

/**
 * The plug-in. Nothing of it logs the address or the parameters of a request: they hold keys and signatures, and may
 * hold passwords. Its routes have their log level at `warn` for the same reason.
 */
export function cloudstackNorthbound(options: CloudstackOptions): FastifyPluginAsync {
  return async (fastify: FastifyInstance) => {
    // As in CloudStack, parameters come in the address or in a form, and in nothing else.
    fastify.removeContentTypeParser(["application/json", "text/plain"]);
    await fastify.register(formbody);
    await fastify.register(cookie);
    const sessions = new Sessions(options.clock, options.random);
    fastify.setErrorHandler((error, _, reply) => refuse(reply, options.logger, undefined, error));
    const handler = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
      answer(options, sessions, request, reply);
    for (const url of ["/client/api", "/client/api/"])
      fastify.route({ method: ["GET", "POST"], url, logLevel: "warn", exposeHeadRoute: false, handler });
  };
}

async function answer(
  options: CloudstackOptions,
  sessions: Sessions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const read = readRequest(request);
  const found = byLowerCase.get(read.parameters.get("command")?.toLowerCase() ?? "");
  try {
    const body = await run(options, sessions, read, found, { request, reply });
    return await send(reply, 200, found, body);
  } catch (error) {
    return await refuse(reply, options.logger, found, error);
  }
}

function refuse(reply: FastifyReply, logger: Logger, found: NamedCommand | undefined, thrown: unknown): FastifyReply {
  const error = understand(thrown);
  if (!isLoomstackError(error) || error.blame === "bug")
    logger.error(
      { request: reply.request.id, command: found?.name, error },
      "a command failed for a reason that was not foreseen",
    );
  const body = errorBody(error);
  return send(reply, body.errorcode, found, body);
}

/** Sends a body in the envelope of its command. */
function send(reply: FastifyReply, status: number, found: NamedCommand | undefined, body: object): FastifyReply {
  const envelope = found === undefined ? "errorresponse" : `${found.name.toLowerCase()}response`;
  return reply
    .code(status)
    .header("content-type", "application/json; charset=utf-8")
    .header("cache-control", "no-store")
    .send({ [envelope]: body });
}

function readRequest(request: FastifyRequest): ApiRequest {
  const written = writtenParameters(request.query, request.body);
  return {
    written,
    parameters: byLowerCaseName(written),
    method: request.method === "POST" ? "POST" : "GET",
    remoteAddress: request.ip,
    cookies: request.cookies,
  };
}

async function run(
  options: CloudstackOptions,
  sessions: Sessions,
  read: ApiRequest,
  found: NamedCommand | undefined,
  http: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<object> {
  assertForm(read, found);
  const principal =
    found?.command.forAnyone === true
      ? undefined
      : await authenticateRequest(read, { ...options, sessions, now: () => options.clock.now() });
  if (found === undefined || !mayCall(principal, found))
    throw new LoomstackError("CLOUDSTACK__UNKNOWN_COMMAND", {
      command: read.parameters.get("command") ?? "",
      address: read.remoteAddress,
    });
  assertPrintable(read, found);
  if (found.name === "login" && read.method !== "POST")
    throw new LoomstackError("CLOUDSTACK__METHOD_NOT_ALLOWED", { command: found.name });
  const caller = principal === undefined ? nobody : callerOf(principal);
  const session = sessionControl(options, sessions, read, http);
  const context: CommandContext = { cloud: options.cloud, store: options.store, caller, session, commands };
  return found.command.handle(found.name, context, read.parameters);
}

function mayCall(principal: Principal | undefined, { name, command }: NamedCommand): boolean {
  if (principal === undefined || principal.isAdministrator) return true;
  const reads = /^(list|query|get)/.test(name);
  return command.forUsers && (reads || principal.roles.includes("member"));
}

function callerOf({ user, isAdministrator }: Principal): Caller {
  return { userId: user.id, account: user.account, isAdmin: isAdministrator };
}

/** @throws CLOUDSTACK__UNSUPPORTED_FORMAT; CLOUDSTACK__INVALID_VALUE for more parameters than anybody needs */
function assertForm(read: ApiRequest, found: NamedCommand | undefined): void {
  const format = read.parameters.get("response") ?? "json";
  if (format.toLowerCase() !== "json") throw new LoomstackError("CLOUDSTACK__UNSUPPORTED_FORMAT", { format });
  if (read.written.length > parameterLimit) {
    const reason = `a request may have ${parameterLimit} parameters at most`;
    throw new LoomstackError("CLOUDSTACK__INVALID_VALUE", {
      command: found?.name.toLowerCase() ?? "",
      parameter: "(all)",
      value: read.written.length,
      reason,
    });
  }
}

/** @throws CLOUDSTACK__INVALID_VALUE */
function assertPrintable({ parameters }: ApiRequest, found: NamedCommand): void {
  const unprintable = withControlCharacters(parameters);
  if (unprintable === undefined) return;
  throw new LoomstackError("CLOUDSTACK__INVALID_VALUE", {
    command: found.name.toLowerCase(),
    parameter: unprintable,
    value: JSON.stringify(parameters.get(unprintable)?.slice(0, 40)),
    reason: "it has control characters",
  });
}

function sessionControl(
  options: CloudstackOptions,
  sessions: Sessions,
  read: ApiRequest,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): SessionControl {
  const cookieOptions = {
    path: "/client",
    httpOnly: true,
    sameSite: "lax",
    secure: request.protocol === "https",
  } as const;
  return {
    async authenticate(name, password) {
      const login = await options.identity.logIn({ method: "password", user: { name }, password }, read.remoteAddress);
      return login === undefined || login.principal.scope === "none" ? undefined : login.principal.user;
    },
    async open({ id: userId }: User) {
      const user = await findUser(options.store.db, userId);
      if (user === undefined) throw new LoomstackError("CLOUDSTACK__UNAUTHENTICATED");
      const { id, key } = sessions.open(user);
      void reply.setCookie(sessionCookie, id, cookieOptions).setCookie(sessionKeyCookie, key, cookieOptions);
      return { sessionKey: key, timeoutSec: sessionTimeoutSec };
    },
    close() {
      const id = read.cookies[sessionCookie];
      const key = read.parameters.get("sessionkey");
      if (id !== undefined && key !== undefined && sessions.use(id, key) !== undefined) sessions.close(id);
      void reply.clearCookie(sessionCookie, cookieOptions).clearCookie(sessionKeyCookie, cookieOptions);
    },
  };
}
