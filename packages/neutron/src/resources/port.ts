import { LoomstackError, type Mac, macFromBytes, type RandomBytes, randomUuid, type Uuid } from "@loomstack/core";
import {
  addressPairLimit,
  createPort,
  deletePort,
  type FixedIpRequest,
  formatPairAddress,
  getPort,
  type NewPort,
  type Port,
  type PortPatch,
  type PortSearch,
  type PortStatus,
  searchPorts,
  type Tx,
  updatePort,
} from "@loomstack/model";
import { z } from "zod";
import { attributesOf, type Posted, type Put } from "../attributes/attribute.ts";
import { dnsName, ip, ipOrPrefix, label, mac, truth, uuid } from "../attributes/members.ts";
import { standardAttributes } from "../attributes/standard.ts";
import { isAtLeast, type Standing } from "../caller.ts";
import type { ListQuery } from "../lists/query.ts";
import type { NeutronOptions } from "../options.ts";
import type { Resource } from "../resource.ts";
import { addressSearch, hasAddress } from "./address-filters.ts";
import { networkStandings, visibleNetwork } from "./network-standings.ts";
import { bindingProfile, type Vif, vifOf, vnicType } from "./port-binding.ts";

interface ShownPort {
  readonly port: Port;
  readonly status: PortStatus;
  readonly vif: Vif;
  /** The domain of its names, with a dot at its end; empty where there is none. */
  readonly domain: string;
}

const addressLimit = 64;

const fixedIps = z
  .array(
    z
      .strictObject({ subnet_id: uuid.optional(), ip_address: ip.optional() })
      .transform(({ subnet_id: subnetId, ip_address: ipAddress }, context): FixedIpRequest => {
        if (ipAddress !== undefined) return { ipAddress, ...(subnetId !== undefined && { subnetId }) };
        if (subnetId !== undefined) return { subnetId };
        context.addIssue({ code: "custom", message: "it needs a subnet_id or an ip_address" });
        return z.NEVER;
      }),
  )
  .max(addressLimit);

const addressPairs = z
  .array(
    z
      .strictObject({ ip_address: ipOrPrefix, mac_address: mac.nullish() })
      .transform(({ ip_address: prefix, mac_address: macAddress }) => ({ macAddress: macAddress ?? null, prefix })),
  )
  .max(addressPairLimit)
  .nullable()
  .transform((pairs) => pairs ?? []);

const byNetworkOwner = { setBy: (): Standing => "network owner" } as const;
const forAdministrators = { seenBy: "administrator", setBy: (): Standing => "administrator" } as const;

/** A port of the network's own, such as a router's, may have the gateway's address: not for those who only share it. */
const ownerRule = (owner: unknown): Standing =>
  typeof owner === "string" && owner.startsWith("network:") ? "network owner" : "owner";

const standard = standardAttributes<ShownPort>(({ port }) => port);

const attributes = attributesOf<ShownPort>()({
  ...standard,
  network_id: { show: ({ port }) => port.networkId, post: uuid },
  admin_state_up: { show: ({ port }) => port.adminStateUp, post: truth.default(true), put: truth },
  status: { show: ({ status }) => status.status },
  "loomstack:status_reason": { show: ({ status }) => status.reason, filter: false },
  mac_address: {
    show: ({ port }) => port.macAddress,
    post: mac.optional(),
    put: mac,
    setBy: (_, method) => (method === "POST" ? "network owner" : "administrator"),
  },
  fixed_ips: {
    show: ({ port }) =>
      port.fixedIps.map(({ subnetId, ipAddress }) => ({ subnet_id: subnetId, ip_address: ipAddress })),
    post: fixedIps.optional(),
    put: fixedIps,
    filter: ({ port }, wanted) => hasAddress(port, wanted),
    setBy: (given, method) =>
      method === "PUT" || (given as readonly FixedIpRequest[]).some(({ ipAddress }) => ipAddress !== undefined)
        ? "network owner"
        : "owner",
  },
  device_id: { show: ({ port }) => port.deviceId, post: label.default(""), put: label },
  device_owner: { show: ({ port }) => port.deviceOwner, post: label.default(""), put: label, setBy: ownerRule },
  port_security_enabled: {
    show: ({ port }) => port.portSecurityEnabled,
    post: truth.optional(),
    put: truth,
    ...byNetworkOwner,
  },
  allowed_address_pairs: {
    show: ({ port }) =>
      port.allowedAddressPairs.map(({ macAddress, prefix }) => ({
        mac_address: macAddress ?? port.macAddress,
        ip_address: formatPairAddress(prefix),
      })),
    post: addressPairs.default([]),
    put: addressPairs,
    filter: false,
    ...byNetworkOwner,
  },
  dns_name: { show: ({ port }) => port.dnsName ?? "", post: dnsName.default(null), put: dnsName },
  dns_assignment: { show: dnsAssignment, filter: false },
  "binding:vnic_type": { show: () => "normal", post: vnicType.default("normal"), put: vnicType },
  "binding:host_id": {
    show: ({ port }) => port.hostId,
    post: label.nullable().default(""),
    put: label.nullable(),
    ...forAdministrators,
  },
  "binding:profile": {
    show: ({ port }) => JSON.parse(port.bindingProfile) as unknown,
    post: bindingProfile.default("{}"),
    put: bindingProfile,
    filter: false,
    ...forAdministrators,
  },
  "binding:vif_type": { show: ({ vif }) => vif.type, seenBy: "administrator" },
  "binding:vif_details": { show: ({ vif }) => vif.details, seenBy: "administrator", filter: false },
});

type Declared = typeof attributes;

type Options = Pick<NeutronOptions, "random" | "realised" | "hypervisors" | "guestDomain">;

/** Ports, whose status is what the hypervisors say. */
export function portResource({
  random,
  realised,
  hypervisors,
  guestDomain,
}: Options): Resource<Port, ShownPort, Declared> {
  return {
    singular: "port",
    plural: "ports",
    attributes,
    quota: "port",
    list: (db, filters) => searchPorts(db, searchOf(filters)),
    get: getPort,
    async standings(db, caller) {
      const toNetwork = await networkStandings(db, caller);
      return ({ networkId, tenantId }) => {
        const standing = toNetwork(networkId);
        if (isAtLeast(standing, "network owner")) return standing;
        return tenantId === caller.projectId ? "owner" : "nobody";
      };
    },
    async standingToCreate(db, caller, { network_id }): Promise<Standing> {
      const { standing } = await visibleNetwork(db, caller, network_id);
      // Whom a network is shared with may have ports there.
      return standing === "viewer" ? "owner" : standing;
    },
    async create(tx, wanted, tenantId) {
      const macAddress = wanted.mac_address ?? (await freeMac(tx, wanted.network_id, random));
      return createPort(tx, { id: randomUuid(random), tenantId, macAddress, ...toIntent(wanted) });
    },
    update: (tx, { id }, patch) => updatePort(tx, id, toPatch(patch)),
    tag: (tx, { id }, tags) => updatePort(tx, id, { tags }),
    remove: deletePort,
    async present(db, ports) {
      const hosts = hypervisors.list();
      const all = db.selectFrom("networks").select(["id", "dns_domain"]);
      const [only] = ports;
      const networks = await (only && ports.length === 1 ? all.where("id", "=", only.networkId) : all).execute();
      const domains = new Map(networks.map(({ id, dns_domain }) => [id, `${dns_domain ?? guestDomain}.`]));
      return ports.map((port) => ({
        port,
        status: realised.port(port.id),
        vif: vifOf(port, hosts),
        domain: domains.get(port.networkId) ?? "",
      }));
    },
  };
}

/** The attributes that are columns, as text that is the same in both. */
const columns = {
  ...{ id: "id", name: "name", network_id: "network_id", tenant_id: "tenant_id", device_id: "device_id" },
  ...{ device_owner: "device_owner", mac_address: "mac_address", "binding:host_id": "host_id" },
} as const;

function searchOf(filters: ListQuery["filters"]): PortSearch {
  const port = Object.entries(columns).flatMap(([attribute, column]) => {
    const values = filters.get(attribute);
    return values === undefined ? [] : [[column, values] as const];
  });
  return { port: Object.fromEntries(port), address: addressSearch(filters.get("fixed_ips") ?? []) };
}

function dnsAssignment({ port, domain }: ShownPort): readonly object[] {
  return port.fixedIps.map(({ ipAddress }) => {
    const hostname = port.dnsName ?? `host-${ipAddress.replaceAll(/[.:]/g, "-")}`;
    return { ip_address: ipAddress, hostname, fqdn: `${hostname}.${domain}` };
  });
}

function toIntent(wanted: Posted<Declared>): Omit<NewPort, "id" | "tenantId" | "macAddress"> {
  return {
    networkId: wanted.network_id,
    name: wanted.name,
    description: wanted.description,
    ...(wanted.fixed_ips && { fixedIps: wanted.fixed_ips }),
    deviceId: wanted.device_id,
    deviceOwner: wanted.device_owner,
    adminStateUp: wanted.admin_state_up,
    ...(wanted.port_security_enabled !== undefined && { portSecurityEnabled: wanted.port_security_enabled }),
    allowedAddressPairs: wanted.allowed_address_pairs,
    dnsName: wanted.dns_name,
    hostId: wanted["binding:host_id"] ?? "",
    bindingProfile: wanted["binding:profile"],
  };
}

function toPatch(put: Put<Declared>): PortPatch {
  const hostId = put["binding:host_id"];
  return {
    ...(put.name !== undefined && { name: put.name }),
    ...(put.description !== undefined && { description: put.description }),
    ...(put.mac_address !== undefined && { macAddress: put.mac_address }),
    ...(put.fixed_ips !== undefined && { fixedIps: put.fixed_ips }),
    ...(put.device_id !== undefined && { deviceId: put.device_id }),
    ...(put.device_owner !== undefined && { deviceOwner: put.device_owner }),
    ...(put.admin_state_up !== undefined && { adminStateUp: put.admin_state_up }),
    ...(put.port_security_enabled !== undefined && { portSecurityEnabled: put.port_security_enabled }),
    ...(put.allowed_address_pairs !== undefined && { allowedAddressPairs: put.allowed_address_pairs }),
    ...(put.dns_name !== undefined && { dnsName: put.dns_name }),
    ...(hostId !== undefined && { hostId: hostId ?? "" }),
    ...(put["binding:profile"] !== undefined && { bindingProfile: put["binding:profile"] }),
  };
}

/** How often another address is tried where one is taken already. */
const attempts = 16;

/** A MAC address as Neutron makes them, of which nobody on the network has the like. @throws NEUTRON__MACS_EXHAUSTED */
async function freeMac({ db }: Tx, networkId: Uuid, random: RandomBytes): Promise<Mac> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const macAddress = macFromBytes(Uint8Array.of(0xfa, 0x16, 0x3e, ...random(3)));
    const taken = await db
      .selectFrom("ports")
      .select("id")
      .where("network_id", "=", networkId)
      .where("mac_address", "=", macAddress)
      .executeTakeFirst();
    if (!taken) return macAddress;
  }
  throw new LoomstackError("NEUTRON__MACS_EXHAUSTED", { network: networkId });
}
