import { type PhysicalNetwork, physicalNetworks, type TrafficType, trafficTypes, zones } from "@loomstack/model";
import { asyncCommand, listCommand } from "../protocol/command.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { entity, list, required, text } from "../protocol/parameter.ts";
import { field, responseObject } from "../protocol/response.ts";
import { named, where } from "./lookup.ts";

const physicalNetworkResponse = responseObject(
  "physicalnetwork",
  {
    id: field("string", "the ID of the physical network"),
    name: field("string", "the name of the physical network"),
    zoneid: field("string", "the ID of the zone"),
    isolationmethods: field("string", "how guest networks are kept apart"),
    broadcastdomainrange: field("string", "always ZONE"),
    state: field("string", "Enabled or Disabled"),
  },
  (network: PhysicalNetwork) => ({
    id: network.id,
    name: network.name,
    zoneid: network.zoneId,
    isolationmethods: network.isolationMethods.join(","),
    broadcastdomainrange: "ZONE",
    state: network.state,
  }),
);

const trafficTypeResponse = responseObject(
  "traffictype",
  {
    id: field("string", "the ID of the traffic type"),
    traffictype: field("string", "always Guest"),
    physicalnetworkid: field("string", "the ID of the physical network"),
    kvmnetworklabel: field("string", "the bridge on KVM hosts that guests are plugged into"),
  },
  (type: TrafficType) => ({
    id: type.id,
    traffictype: type.trafficType,
    physicalnetworkid: type.physicalNetworkId,
    kvmnetworklabel: type.kvmNetworkLabel,
  }),
);

export const physicalNetworkCommands = {
  createPhysicalNetwork: asyncCommand({
    description: "Creates a physical network",
    params: {
      name: required(text("the name of the physical network")),
      zoneid: required(entity("the ID of the zone", zones)),
      isolationmethods: list("ODL, and VXLAN (meant where neither is named) or GRE as the encapsulation between hosts"),
    },
    response: physicalNetworkResponse,
    run: async ({ name, zoneid: zone, isolationmethods = [] }, { cloud, caller }) => ({
      job: await cloud.physicalNetworks.create(caller, { zone, name, isolationMethods: isolationmethods }),
      creates: true,
    }),
  }),
  listPhysicalNetworks: listCommand({
    description: "Lists physical networks",
    params: {
      id: entity("the ID of the physical network", physicalNetworks),
      name: text("the name of the physical network"),
      zoneid: entity("the ID of the zone", zones),
      ...pagingParameters,
    },
    response: physicalNetworkResponse,
    run: async (params, { store }, name) => {
      const found = await physicalNetworks.list(
        store.db,
        where({ id: params.id?.id, name: params.name, zoneId: params.zoneid?.id }),
      );
      return pageOf(name, found, params, named);
    },
  }),
  updatePhysicalNetwork: asyncCommand({
    description: "Enables or disables a physical network",
    params: {
      id: required(entity("the ID of the physical network", physicalNetworks)),
      state: text("Enabled or Disabled"),
    },
    response: physicalNetworkResponse,
    run: async ({ id: network, state }, { cloud, caller }) => ({
      job: await cloud.physicalNetworks.update(caller, network, { state }),
    }),
  }),
  addTrafficType: asyncCommand({
    description: "Has a physical network carry a type of traffic",
    params: {
      physicalnetworkid: required(entity("the ID of the physical network", physicalNetworks)),
      traffictype: required(text("only Guest is supported")),
      kvmnetworklabel: text("the bridge on KVM hosts that guests are plugged into; br-int unless given"),
    },
    response: trafficTypeResponse,
    run: async ({ physicalnetworkid: network, traffictype, kvmnetworklabel }, { cloud, caller }) => ({
      job: await cloud.physicalNetworks.addTrafficType(caller, network, traffictype, kvmnetworklabel),
      creates: true,
    }),
  }),
  listTrafficTypes: listCommand({
    description: "Lists the traffic types of a physical network",
    params: {
      physicalnetworkid: required(entity("the ID of the physical network", physicalNetworks)),
      ...pagingParameters,
    },
    response: trafficTypeResponse,
    run: async (params, { store }, name) =>
      pageOf(
        name,
        await trafficTypes.list(store.db, { physicalNetworkId: params.physicalnetworkid.id }),
        params,
        ({ trafficType }) => trafficType,
      ),
  }),
};
