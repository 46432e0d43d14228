import type { Migration } from "kysely/migration";
import * as network from "./0001-network.ts";
import * as cloud from "./0002-cloud.ts";
import * as locations from "./0003-locations.ts";
import * as switches from "./0004-switches.ts";
import * as ipv6 from "./0005-ipv6.ts";
import * as movingPorts from "./0006-moving-ports.ts";
import * as ipv6Modes from "./0007-ipv6-modes.ts";
import * as providerNetworks from "./0008-provider-networks.ts";
import * as hypervisorIdentity from "./0009-hypervisor-identity.ts";
import * as learntAddresses from "./0010-learnt-addresses.ts";
import * as dnsNames from "./0011-dns-names.ts";
import * as learningNetworks from "./0012-learning-networks.ts";
import * as hostRoutes from "./0013-host-routes.ts";
import * as sourcesOfAddresses from "./0014-sources-of-addresses.ts";
import * as certificatesOfSwitches from "./0015-certificates-of-switches.ts";
import * as projectsAndRoles from "./0016-projects-and-roles.ts";
import * as tokens from "./0017-tokens.ts";
import * as standardAttributes from "./0021-standard-attributes.ts";
import * as allocationPools from "./0022-allocation-pools.ts";
import * as requestedHosts from "./0023-requested-hosts.ts";
import * as quotas from "./0024-quotas.ts";
import * as networkShares from "./0025-network-shares.ts";
import * as subnetPools from "./0026-subnet-pools.ts";
import * as portSearches from "./0027-port-searches.ts";

/**
 * Every migration, run in the order of the names when a store is opened. One that has been released is never changed.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  "0001-network": network,
  "0002-cloud": cloud,
  "0003-locations": locations,
  "0004-switches": switches,
  "0005-ipv6": ipv6,
  "0006-moving-ports": movingPorts,
  "0007-ipv6-modes": ipv6Modes,
  "0008-provider-networks": providerNetworks,
  "0009-hypervisor-identity": hypervisorIdentity,
  "0010-learnt-addresses": learntAddresses,
  "0011-dns-names": dnsNames,
  "0012-learning-networks": learningNetworks,
  "0013-host-routes": hostRoutes,
  "0014-sources-of-addresses": sourcesOfAddresses,
  "0015-certificates-of-switches": certificatesOfSwitches,
  "0016-projects-and-roles": projectsAndRoles,
  "0017-tokens": tokens,
  "0021-standard-attributes": standardAttributes,
  "0022-allocation-pools": allocationPools,
  "0023-requested-hosts": requestedHosts,
  "0024-quotas": quotas,
  "0025-network-shares": networkShares,
  "0026-subnet-pools": subnetPools,
  "0027-port-searches": portSearches,
};
