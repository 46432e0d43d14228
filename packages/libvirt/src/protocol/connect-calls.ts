import { i32, listCounted, openEnumOf, struct, u32, u64 } from "@loomstack/wire";
import { optional } from "../xdr/optional.ts";
import { nothing } from "../xdr/scalars.ts";
import { DomainRef, Text } from "./domain.ts";
import { procedure } from "./procedure.ts";

// Calls about the connection itself. Numbers and fields: remote_protocol.x, enum remote_procedure and the structs of
// the same name.

/** How a client may authenticate; asked before anything else. */
export const authList = procedure(
  "authList",
  66,
  nothing,
  struct({ types: listCounted(u32, openEnumOf(i32, { none: 0, sasl: 1, polkit: 2 }), 20) }),
);

/** Features of the connection that can be asked for (libvirt_internal.h, virDrvFeature). */
export const feature = { keepalive: 10 } as const;

/** Whether the daemon has a feature. Asking for keepalive also makes the daemon probe us. */
export const connectSupportsFeature = procedure(
  "connectSupportsFeature",
  60,
  struct({ feature: i32 }),
  struct({ supported: i32 }),
);

/** Opens a driver, such as `qemu:///system`. Everything below needs that. */
export const connectOpen = procedure("connectOpen", 1, struct({ name: optional(Text), flags: u32 }), nothing);
export const connectClose = procedure("connectClose", 2, nothing, nothing);

export const connectGetUri = procedure("connectGetUri", 110, nothing, struct({ uri: Text }));
export const connectGetHostname = procedure("connectGetHostname", 59, nothing, struct({ hostname: Text }));
/** The version of the hypervisor (QEMU): major * 1,000,000 + minor * 1,000 + release. */
export const connectGetVersion = procedure("connectGetVersion", 4, nothing, struct({ version: u64 }));

/** Asks for events of one kind, of one domain or of all. They come with the callback's number. */
export const connectDomainEventCallbackRegisterAny = procedure(
  "connectDomainEventCallbackRegisterAny",
  316,
  struct({ eventId: i32, domain: optional(DomainRef) }),
  struct({ callbackId: i32 }),
);
