/**
 * The error table of this northbound: which HTTP status and which of Neutron's types an error has, and in whose words it is
 * told. Clients tell errors apart by the type.
 */
import {
  type ErrorCode,
  type ErrorContext,
  httpStatusByBlame,
  httpStatusOf,
  isLoomstackError,
  type Logger,
  LoomstackError,
  messageOf,
} from "@loomstack/core";
import type { FastifyReply, FastifyRequest } from "fastify";

interface Told<Code extends ErrorCode> {
  readonly status: number;
  readonly type: string | ((context: ErrorContext<Code>) => string);
  /** In Neutron's words; default: in ours, which say more. */
  readonly message?: (context: ErrorContext<Code>) => string;
}

type Table = { readonly [Code in ErrorCode]?: Told<Code> };

const badRequest = { status: 400, type: "HTTPBadRequest" } as const;
const invalidInput = { status: 400, type: "InvalidInput" } as const;

const table: Table = {
  NEUTRON__MALFORMED: badRequest,
  NEUTRON__INVALID_ATTRIBUTE: badRequest,
  NEUTRON__INVALID_INPUT: invalidInput,
  NEUTRON__FORBIDDEN: { status: 403, type: "PolicyNotAuthorized" },
  NEUTRON__STALE: { status: 412, type: "RevisionNumberConstraintFailed" },
  NEUTRON__NOT_FOUND: { status: 404, type: "HTTPNotFound" },
  NEUTRON__MACS_EXHAUSTED: { status: 503, type: "NetworkMacAddressGenerationFailure" },
  NORTHBOUND__NOT_FOUND: { status: 404, type: "HTTPNotFound", message: () => "The resource could not be found." },
  MODEL__TOO_MANY_ATTEMPTS: { status: 429, type: "OverLimit" },
  MODEL__NOT_FOUND: {
    status: 404,
    type: ({ resource }) => `${camelCase(resource)}NotFound`,
    message: ({ resource, id }) => `${sentenceCase(resource)} ${id} could not be found.`,
  },
  MODEL__ALREADY_EXISTS: { status: 409, type: "Conflict" },
  MODEL__MAC_IN_USE: {
    status: 409,
    type: "MacAddressInUse",
    message: ({ mac, network }) =>
      `Unable to complete operation for network ${network}. The mac address ${mac} is in use.`,
  },
  MODEL__INVALID_MAC: badRequest,
  MODEL__ADDRESS_IN_USE: {
    status: 409,
    type: "IpAddressInUse",
    message: ({ address, network }) =>
      `Unable to complete operation for network ${network}. The IP address ${address} is in use.`,
  },
  MODEL__ADDRESSES_EXHAUSTED: { status: 409, type: "IpAddressGenerationFailure" },
  MODEL__INVALID_ADDRESS: { status: 400, type: "InvalidIpForSubnet" },
  MODEL__SUBNET_NOT_ON_NETWORK: invalidInput,
  MODEL__INVALID_GATEWAY: invalidInput,
  MODEL__CIDR_OVERLAP: invalidInput,
  MODEL__CIDR_TOO_SMALL: invalidInput,
  MODEL__INVALID_CIDR: invalidInput,
  MODEL__INVALID_IPV6_MODE: invalidInput,
  MODEL__INVALID_NAMESERVER: invalidInput,
  MODEL__INVALID_HOST_ROUTE: invalidInput,
  MODEL__INVALID_ALLOCATION_POOL: { status: 400, type: "InvalidAllocationPool" },
  MODEL__GATEWAY_IN_ALLOCATION_POOL: {
    status: 409,
    type: "GatewayConflictWithAllocationPools",
    message: ({ gateway, pool }) => `Gateway ip ${gateway} conflicts with allocation pool ${pool}.`,
  },
  MODEL__INVALID_DNS_NAME: badRequest,
  MODEL__INVALID_DNS_DOMAIN: badRequest,
  MODEL__DNS_NAME_IN_USE: { status: 409, type: "Conflict" },
  MODEL__INVALID_ADDRESS_PAIR: badRequest,
  MODEL__PORT_SECURITY_REQUIRED: {
    status: 409,
    type: "AddressPairAndPortSecurityRequired",
    message: () => "Port Security must be enabled in order to have allowed address pairs on a port.",
  },
  MODEL__INVALID_SEGMENT: invalidInput,
  MODEL__SEGMENT_IN_USE: { status: 409, type: "VlanIdInUse" },
  MODEL__INVALID_MTU: invalidInput,
  MODEL__IN_USE: {
    status: 409,
    type: ({ resource }) => `${camelCase(resource)}InUse`,
    message: ({ resource, id, user }) => `Unable to complete operation on ${resource} ${id}: it is in use by ${user}.`,
  },
  MODEL__INVALID_SUBNET_POOL: { status: 400, type: "IllegalSubnetPoolPrefixBounds" },
  MODEL__ADDRESS_SCOPE_OVERLAP: { status: 409, type: "AddressScopePrefixConflict" },
  MODEL__NOT_IN_SUBNET_POOL: { status: 400, type: "SubnetAllocationError" },
  MODEL__SUBNET_POOL_EXHAUSTED: { status: 409, type: "SubnetAllocationError" },
  MODEL__SUBNET_POOL_QUOTA_EXCEEDED: {
    status: 409,
    type: "SubnetPoolQuotaExceeded",
    message: () => "Per-project subnet pool prefix quota exceeded.",
  },
  MODEL__SUBNET_POOL_MIXED: { status: 400, type: "NetworkSubnetPoolAffinityError" },
  MODEL__QUOTA_EXCEEDED: {
    status: 409,
    type: "OverQuota",
    message: ({ resource }) => `Quota exceeded for resources: ['${resource}'].`,
  },
  MODEL__TUNNEL_KEYS_EXHAUSTED: { status: 503, type: "NoNetworkAvailable" },
};

export type AnswerError = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Answers with an error, whatever it is; those that are nobody's outside are logged. */
export function errorAnswers(logger: Logger): AnswerError {
  return (thrown, { id: request, method, url }, reply) => {
    const { status, type, message } = tell(thrown);
    if (status >= 500) logger.error({ request, method, url, error: thrown }, "a call failed");
    if (isLoomstackError(thrown, "MODEL__TOO_MANY_ATTEMPTS"))
      void reply.header("retry-after", String(thrown.context.retryAfterSec));
    if (status !== 401) return reply.code(status).send({ NeutronError: { type, message, detail: "" } });
    // What OpenStack's services answer, where it is Keystone's middleware that finds nobody behind a request.
    return reply
      .code(401)
      .header("www-authenticate", 'Basic realm="networking"')
      .send({
        error: { code: 401, title: "Unauthorized", message: "The request you have made requires authentication." },
      });
  };
}

/** What a client is told of an error. */
export function tell(thrown: unknown): { readonly status: number; readonly type: string; readonly message: string } {
  if (isLoomstackError(thrown, "NORTHBOUND__UNAUTHORIZED")) return { status: 401, type: "Unauthorized", message: "" };
  if (isLoomstackError(thrown)) {
    const { status, type, message } = (table[thrown.code] ?? {
      status: httpStatusByBlame[thrown.blame],
      type: "NeutronException",
    }) as Told<ErrorCode>;
    const context = thrown.context;
    return {
      status,
      type: typeof type === "string" ? type : type(context),
      message: message?.(context) ?? thrown.message,
    };
  }
  const status = httpStatusOf(thrown);
  if (status !== undefined && status < 500) {
    const type = status === 400 ? "HTTPBadRequest" : "HTTPClientError";
    return { status, type, message: messageOf(thrown) };
  }
  const { message } = new LoomstackError("NORTHBOUND__INTERNAL");
  return { status: 500, type: "HTTPInternalServerError", message };
}

/** "subnet pool": "SubnetPool" */
function camelCase(words: string | number | bigint): string {
  return String(words).replace(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** "subnet pool": "Subnet pool" */
function sentenceCase(words: string | number | bigint): string {
  return String(words).replace(/^\w/, (letter) => letter.toUpperCase());
}
