import { type Clock, Listeners, type Logger, LoomstackError, type Uuid } from "@loomstack/core";
import {
  authList,
  connectClose,
  connectDomainEventCallbackRegisterAny,
  connectOpen,
  connectSupportsFeature,
  feature,
} from "./protocol/connect-calls.ts";
import {
  describeLifecycle,
  type LifecycleEventName,
  lifecycleEventId,
  LifecycleMessage,
  lifecycleProcedure,
} from "./protocol/lifecycle.ts";
import { readAs } from "./protocol/message.ts";
import type { Procedure } from "./protocol/procedure.ts";
import { type CallLimits, defaultCallLimits } from "./session/call-table.ts";
import { defaultKeepalive, type KeepalivePolicy } from "./session/keepalive.ts";
import { type CallOptions, type EventMessage, LibvirtSession } from "./session/session.ts";
import { openSocket } from "./session/socket.ts";
import { parseLibvirtUri } from "./uri.ts";

export interface ConnectOptions {
  /** `qemu:///system` or `qemu+unix:///system?socket=/path`. */
  readonly uri: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gives up connecting; it has no say once connected. */
  readonly signal?: AbortSignal | undefined;
  /** How long opening the socket and each call may take, unless a call says otherwise. 30 s unless given. */
  readonly timeoutMs?: number | undefined;
  readonly limits?: CallLimits | undefined;
  readonly keepalive?: KeepalivePolicy | undefined;
}

export interface LifecycleEvent {
  readonly uuid: Uuid;
  readonly name: string;
  readonly event: LifecycleEventName;
  /** Why, in words. */
  readonly detail: string;
}

/** An open connection to a libvirt daemon. */
export interface LibvirtConnection extends AsyncDisposable {
  readonly uri: string;
  /** Makes a call; see the procedures of this package. @throws as LibvirtSession.call */
  call<Input, Result>(procedure: Procedure<Input, Result>, args: Input, options?: CallOptions): Promise<Result>;
  /** What happens to the domains of the host, whoever caused it. */
  readonly lifecycle: Listeners<LifecycleEvent>;
  /** Settles once the connection is gone: with the reason, or with nothing when we closed it. Never rejects. */
  readonly closed: Promise<LoomstackError | undefined>;
}

const defaultTimeoutMs = 30_000;
/** How long a daemon gets to take note of our leaving. */
const farewellTimeoutMs = 1_000;

/**
 * Connects to a libvirt daemon, opens its driver and asks for lifecycle events of all domains.
 *
 * @throws LIBVIRT__UNSUPPORTED_URI, LIBVIRT__UNREACHABLE, LIBVIRT__UNSUPPORTED_AUTHENTICATION, CORE__ABORTED, and what
 * LibvirtSession.call throws
 */
export async function connectLibvirtDaemon(options: ConnectOptions): Promise<LibvirtConnection> {
  const {
    uri,
    clock,
    logger,
    signal,
    timeoutMs = defaultTimeoutMs,
    limits = defaultCallLimits,
    keepalive = defaultKeepalive,
  } = options;
  const address = parseLibvirtUri(uri);
  const socket = await openSocket(address, clock, timeoutMs, signal);
  const lifecycle = new Listeners<LifecycleEvent>();
  const onEvent = (event: EventMessage): void => tellLifecycle(uri, event, lifecycle, logger);
  const session = new LibvirtSession({ uri, limits, keepalive, timeoutMs }, { socket, clock, logger, onEvent });
  try {
    await open(session, address.driverUri, signal);
    return {
      uri,
      call: (procedure, args, callOptions) => session.call(procedure, args, callOptions),
      lifecycle,
      closed: session.closed,
      [Symbol.asyncDispose]: () => leave(session),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** libvirt's own order: authentication, features, open, events. */
async function open(session: LibvirtSession, driverUri: string, signal: AbortSignal | undefined): Promise<void> {
  const { types } = await session.call(authList, undefined, { signal });
  if (!types.includes("none"))
    throw new LoomstackError("LIBVIRT__UNSUPPORTED_AUTHENTICATION", { uri: session.uri, methods: types.join(", ") });
  await session.call(connectSupportsFeature, { feature: feature.keepalive }, { signal });
  await session.call(connectOpen, { name: driverUri, flags: 0 }, { signal });
  await session.call(
    connectDomainEventCallbackRegisterAny,
    { eventId: lifecycleEventId, domain: undefined },
    { signal },
  );
}

async function leave(session: LibvirtSession): Promise<void> {
  // A daemon that doesn't answer notices from the closed socket.
  await session.call(connectClose, undefined, { timeoutMs: farewellTimeoutMs }).catch(() => undefined);
  await session.close();
}

/** Tells of lifecycle events; other kinds of event were not asked for. @throws LIBVIRT__MALFORMED */
function tellLifecycle(
  uri: string,
  { procedure, payload }: EventMessage,
  lifecycle: Listeners<LifecycleEvent>,
  logger: Logger,
): void {
  if (procedure !== lifecycleProcedure) return;
  const message = readAs(uri, "lifecycle event", LifecycleMessage, payload);
  const { event, detail } = describeLifecycle(message);
  if (event) lifecycle.tell({ uuid: message.domain.uuid, name: message.domain.name, event, detail });
  else logger.debug({ uri, event: message.event }, "a lifecycle event of an unknown kind");
}
