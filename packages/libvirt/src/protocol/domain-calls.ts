import { i32, listCounted, struct, u32 } from "@loomstack/wire";
import { nothing } from "../xdr/scalars.ts";
import { uuid } from "../xdr/uuid.ts";
import { DomainRef, domainListLimit, Text } from "./domain.ts";
import { procedure } from "./procedure.ts";
import { TypedParameter } from "./typed-parameter.ts";

// Calls about domains. Numbers and fields: remote_protocol.x, enum remote_procedure and the structs of the same name.

/** Starts a transient domain: it is gone once it stops. */
export const domainCreateXml = procedure(
  "domainCreateXML",
  10,
  struct({ xml: Text, flags: u32 }),
  struct({ domain: DomainRef }),
);
/** Makes a persistent domain known, without starting it. */
export const domainDefineXmlFlags = procedure(
  "domainDefineXMLFlags",
  350,
  struct({ xml: Text, flags: u32 }),
  struct({ domain: DomainRef }),
);
/** Starts a domain that was defined. */
export const domainCreate = procedure("domainCreate", 9, struct({ domain: DomainRef }), nothing);
/** Ends a domain at once. */
export const domainDestroy = procedure("domainDestroy", 12, struct({ domain: DomainRef }), nothing);
export const domainUndefine = procedure("domainUndefine", 35, struct({ domain: DomainRef }), nothing);

export const domainLookupByUuid = procedure("domainLookupByUUID", 24, struct({ uuid }), struct({ domain: DomainRef }));
/** State and reason as numbers; see domainState in ../domain-state.ts. */
export const domainGetState = procedure(
  "domainGetState",
  212,
  struct({ domain: DomainRef, flags: u32 }),
  struct({ state: i32, reason: i32 }),
);
export const domainGetXmlDesc = procedure(
  "domainGetXMLDesc",
  14,
  struct({ domain: DomainRef, flags: u32 }),
  struct({ xml: Text }),
);

/** Domains, all or (by `flags`) only some; without `needResults` only their number. */
export const connectListAllDomains = procedure(
  "connectListAllDomains",
  273,
  struct({ needResults: i32, flags: u32 }),
  struct({ domains: listCounted(u32, DomainRef, domainListLimit), count: u32 }),
);

/** The group of statistics that holds a domain's state (libvirt-domain.h, virDomainStatsTypes). */
export const stateStatistics = 1;
/**
 * That group has two parameters. The protocol would allow 4,096 for each domain, and a hostile daemon would have us
 * read millions of them.
 */
const parameterLimit = 16;
/** Statistics of many domains (an empty list means all) in one call; small groups only. */
export const connectGetAllDomainStats = procedure(
  "connectGetAllDomainStats",
  344,
  struct({ domains: listCounted(u32, DomainRef, domainListLimit), stats: u32, flags: u32 }),
  struct({
    records: listCounted(
      u32,
      struct({ domain: DomainRef, parameters: listCounted(u32, TypedParameter, parameterLimit) }),
      domainListLimit,
    ),
  }),
);
