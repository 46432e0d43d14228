/**
 * The CloudStack HTTP API as a Fastify plug-in: `GET` and `POST /client/api`, answers in JSON.
 *
 *     request ──► who asks (signature or session) ──► command table ──► `{ "<command>response": … }`
 */
import formbody from "@fastify/formbody";
import cookie from "@fastify/cookie";
import type { Cloud } from "@loomstack/cloud";
import { type Clock, isLoomstackError, LoomstackError, type Uuid } from "@loomstack/core";
import type { Authenticate, RandomBytes, Store, User } from "@loomstack/model";
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { authenticateRequest, sessionCookie, sessionKeyCookie } from "./authentication.ts";
import { commands } from "./commands/index.ts";
import type { Command, CommandContext, SessionControl } from "./protocol/command.ts";
import { errorBody } from "./protocol/errors.ts";
import { type ApiRequest, byLowerCaseName, parameterLimit, writtenParameters } from "./protocol/request.ts";
import { Sessions, sessionTimeoutSec } from "./sessions.ts";

export interface CloudstackOptions {
  readonly cloud: Cloud;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Checks the passwords of those who log in. */
  readonly authenticate: Authenticate;
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
 * The plug-in. Its routes have their log level at `warn`, because addresses of requests hold keys and may hold
 * passwords.
 */
export function cloudstackNorthbound(options: CloudstackOptions): FastifyPluginAsync {
  return async (fastify: FastifyInstance) => {
    await fastify.register(formbody);
    await fastify.register(cookie);
    const sessions = new Sessions(options.clock, options.random);
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
  const envelope = found === undefined ? "errorresponse" : `${found.name.toLowerCase()}response`;
  void reply.header("content-type", "application/json; charset=utf-8").header("cache-control", "no-store");
  try {
    const body = await run(options, sessions, read, found, { request, reply });
    return await reply.code(200).send({ [envelope]: body });
  } catch (error) {
    if (!isLoomstackError(error) || error.blame === "bug")
      request.log.error({ command: found?.name, error }, "a command failed for a reason that was not foreseen");
    const body = errorBody(error);
    return await reply.code(body.errorcode).send({ [envelope]: body });
  }
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
  const user =
    found?.command.forAnyone === true
      ? undefined
      : await authenticateRequest(read, { ...options, sessions, now: () => options.clock.now() });
  const isAllowed = found !== undefined && (user === undefined || user.role === "admin" || found.command.forUsers);
  if (!isAllowed)
    throw new LoomstackError("CLOUDSTACK__UNKNOWN_COMMAND", {
      command: read.parameters.get("command") ?? "",
      address: read.remoteAddress,
    });
  if (found.name === "login" && read.method !== "POST")
    throw new LoomstackError("CLOUDSTACK__METHOD_NOT_ALLOWED", { command: found.name });
  const caller =
    user === undefined ? nobody : { userId: user.id, account: user.account, isAdmin: user.role === "admin" };
  const session = sessionControl(options, sessions, read, http);
  const context: CommandContext = { cloud: options.cloud, store: options.store, caller, session, commands };
  return found.command.handle(found.name, context, read.parameters);
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
    authenticate: (name, password) => options.authenticate(name, password, read.remoteAddress),
    open(user: User) {
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
