import { cidrNetmask, parseCidr } from "@loomstack/core";
import {
  type GuestNetwork,
  guestNetworks,
  type NetworkOffering,
  networkOfferings,
  physicalNetworks,
  type Store,
  type Zone,
  zones,
} from "@loomstack/model";
import { asyncCommand, command, listCommand } from "../protocol/command.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { entity, integer, isVisible, required, text, truth } from "../protocol/parameter.ts";
import { field, formatTime, responseObject } from "../protocol/response.ts";
import { namedBy, where } from "./lookup.ts";
import { rootDomain } from "./root-domain.ts";
import { writeServices } from "./service.ts";
import { successResponse } from "./success.ts";

interface NetworkView {
  readonly network: GuestNetwork;
  readonly zone: Zone;
  readonly offering: NetworkOffering;
}

const networkResponse = responseObject(
  "network",
  {
    id: field("string", "the ID of the network"),
    name: field("string", "the name of the network"),
    displaytext: field("string", "what it is, in words"),
    account: field("string", "the account that owns it"),
    domain: field("string", "the domain of that account"),
    domainid: field("string", "the ID of that domain"),
    zoneid: field("string", "the ID of the zone"),
    zonename: field("string", "the name of the zone"),
    physicalnetworkid: field("string", "the ID of the physical network"),
    networkofferingid: field("string", "the ID of the network offering"),
    networkofferingname: field("string", "the name of the network offering"),
    networkofferingdisplaytext: field("string", "what the network offering is, in words"),
    networkofferingavailability: field("string", "the availability of the network offering"),
    type: field("string", "always Isolated"),
    traffictype: field("string", "always Guest"),
    acltype: field("string", "always Account"),
    state: field("string", "Allocated, Implementing, Implemented or Shutdown"),
    details: field("map", "statereason: in words, why it is in its state, where there is something to say"),
    cidr: field("string", "the prefix"),
    gateway: field("string", "the gateway's address"),
    netmask: field("string", "the netmask"),
    broadcastdomaintype: field("string", "always OpenDaylight"),
    broadcasturi: field("string", "opendaylight://<the network's ID at the controller>, while the controller knows it"),
    privatemtu: field("integer", "what an instance may send in one packet, in bytes"),
    service: field("list", "the services, with who gives them"),
    ispersistent: field("boolean", "always false"),
    issystem: field("boolean", "always false"),
    isdefault: field("boolean", "always false"),
    canusefordeploy: field("boolean", "always true"),
    restartrequired: field("boolean", "always false"),
    specifyipranges: field("boolean", "always false"),
    created: field("string", "when it was created"),
  },
  ({ network, zone, offering }: NetworkView) => ({
    id: network.id,
    name: network.name,
    displaytext: network.displayText,
    account: network.account,
    ...rootDomain,
    zoneid: network.zoneId,
    zonename: zone.name,
    physicalnetworkid: network.physicalNetworkId,
    networkofferingid: offering.id,
    networkofferingname: offering.name,
    networkofferingdisplaytext: offering.displayText,
    networkofferingavailability: offering.availability,
    type: "Isolated",
    traffictype: "Guest",
    acltype: "Account",
    state: network.state,
    details: network.stateReason === "" ? undefined : { statereason: network.stateReason },
    cidr: network.cidr,
    gateway: network.gateway,
    netmask: cidrNetmask(parseCidr(network.cidr)),
    broadcastdomaintype: "OpenDaylight",
    broadcasturi: network.controllerId === null ? undefined : broadcastUri(network),
    privatemtu: network.mtu,
    service: writeServices(offering.services),
    ispersistent: false,
    issystem: false,
    isdefault: false,
    canusefordeploy: true,
    restartrequired: false,
    specifyipranges: false,
    created: formatTime(network.createdAt),
  }),
);

export function broadcastUri(network: GuestNetwork): string {
  return `opendaylight://${network.id}`;
}

export const networkCommands = {
  createNetwork: command({
    description: "Creates a network. It is Allocated, and nothing more, until its first instance starts.",
    params: {
      name: required(text("the name of the network")),
      networkofferingid: required(entity("the ID of the network offering", networkOfferings)),
      zoneid: required(entity("the ID of the zone", zones)),
      displaytext: text("what it is, in words"),
      gateway: text("the gateway's address; together with netmask"),
      netmask: text("the netmask; without it and the gateway, the zone's guest prefix is used"),
      physicalnetworkid: entity(
        "the ID of the physical network; the first of the zone that is ready unless given",
        physicalNetworks,
      ),
      privatemtu: integer("what an instance may send in one packet, in bytes"),
    },
    refused: ["vlan", "vpcid", "startip", "endip", "ip6cidr", "ip6gateway", "isolatedpvlan", "projectid"],
    response: networkResponse,
    forUsers: true,
    run: async (
      { name, networkofferingid: offering, zoneid: zone, physicalnetworkid: physicalNetwork, ...params },
      { cloud, caller },
    ) => {
      const { displaytext: displayText, gateway, netmask, privatemtu: mtu } = params;
      const network = await cloud.networks.create(caller, {
        zone,
        offering,
        physicalNetwork,
        name,
        displayText,
        gateway,
        netmask,
        mtu,
      });
      return { network, zone, offering };
    },
  }),
  listNetworks: listCommand({
    description: "Lists networks",
    params: {
      id: entity("the ID of the network", guestNetworks),
      name: text("the name of the network"),
      zoneid: entity("the ID of the networks' zone", zones),
      physicalnetworkid: entity("the ID of the networks' physical network", physicalNetworks),
      networkofferingid: entity("the ID of the networks' offering", networkOfferings),
      type: text("the type of the networks; all are Isolated"),
      traffictype: text("the traffic type of the networks; all are Guest"),
      account: text("the account that owns the networks"),
      listall: truth("has no effect: an administrator always sees all networks"),
      ...pagingParameters,
    },
    response: networkResponse,
    forUsers: true,
    run: async (params, { store, caller }, name) => {
      const { id, zoneid, physicalnetworkid, networkofferingid, type, traffictype, account } = params;
      if ((type ?? "isolated").toLowerCase() !== "isolated" || (traffictype ?? "guest").toLowerCase() !== "guest")
        return { items: [], count: 0 };
      const filter = {
        id: id?.id,
        name: params.name,
        zoneId: zoneid?.id,
        physicalNetworkId: physicalnetworkid?.id,
        networkOfferingId: networkofferingid?.id,
        account,
      };
      const found = (await guestNetworks.list(store.db, where(filter))).filter((network) => isVisible(network, caller));
      return pageOf(
        name,
        await Promise.all(found.map((network) => viewNetwork(store, network))),
        params,
        namedBy(({ network }) => network),
      );
    },
  }),
  deleteNetwork: asyncCommand({
    description: "Deletes a network that no instance is on",
    params: { id: required(entity("the ID of the network", guestNetworks)), forced: truth("has no effect") },
    response: successResponse,
    forUsers: true,
    run: async ({ id: network }, { cloud, caller }) => ({ job: await cloud.networks.delete(caller, network) }),
  }),
};

async function viewNetwork(store: Store, network: GuestNetwork): Promise<NetworkView> {
  return {
    network,
    zone: await zones.get(store.db, network.zoneId),
    offering: await networkOfferings.get(store.db, network.networkOfferingId),
  };
}
