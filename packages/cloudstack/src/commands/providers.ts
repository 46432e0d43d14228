import { offeredServices } from "@loomstack/cloud";
import {
  type NetworkServiceProvider,
  networkServiceProviders,
  type OpenDaylightController,
  openDaylightControllers,
  physicalNetworks,
} from "@loomstack/model";
import { asyncCommand, listCommand } from "../protocol/command.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { entity, required, text } from "../protocol/parameter.ts";
import { field, responseObject } from "../protocol/response.ts";
import { named, where } from "./lookup.ts";
import { successResponse } from "./success.ts";

const providerResponse = responseObject(
  "networkserviceprovider",
  {
    id: field("string", "the ID of the provider"),
    name: field("string", "always Opendaylight"),
    physicalnetworkid: field("string", "the ID of the physical network"),
    servicelist: field("list", "the services that it gives: Connectivity and Dhcp"),
    canenableindividualservice: field("boolean", "always false"),
    state: field("string", "Disabled, Enabled or Shutdown"),
  },
  (provider: NetworkServiceProvider) => ({
    id: provider.id,
    name: provider.name,
    physicalnetworkid: provider.physicalNetworkId,
    servicelist: offeredServices,
    canenableindividualservice: false,
    state: provider.state,
  }),
);

const controllerResponse = responseObject(
  "opendaylightcontroller",
  {
    id: field("string", "the ID of the controller"),
    name: field("string", "the name of the controller"),
    physicalnetworkid: field("string", "the ID of the physical network"),
    url: field("string", "the URL of the controller"),
    username: field("string", "the user that calls are made as"),
  },
  (controller: Omit<OpenDaylightController, "password">) => ({
    id: controller.id,
    name: controller.name,
    physicalnetworkid: controller.physicalNetworkId,
    url: controller.url,
    username: controller.username,
  }),
);

export const providerCommands = {
  addNetworkServiceProvider: asyncCommand({
    description: "Adds a network service provider to a physical network",
    params: {
      name: required(text("only Opendaylight is supported")),
      physicalnetworkid: required(entity("the ID of the physical network", physicalNetworks)),
    },
    response: providerResponse,
    run: async ({ name, physicalnetworkid: network }, { cloud, caller }) => ({
      job: await cloud.providers.add(caller, network, name),
      creates: true,
    }),
  }),
  listNetworkServiceProviders: listCommand({
    description: "Lists network service providers",
    params: {
      name: text("the name of the provider"),
      physicalnetworkid: entity("the ID of the physical network", physicalNetworks),
      state: text("the state of the provider"),
      ...pagingParameters,
    },
    response: providerResponse,
    run: async (params, { store }, name) => {
      const found = await networkServiceProviders.list(
        store.db,
        where({ physicalNetworkId: params.physicalnetworkid?.id }),
      );
      const matches = (asked: string | undefined, value: string): boolean =>
        asked === undefined || asked.toLowerCase() === value.toLowerCase();
      return pageOf(
        name,
        found.filter((provider) => matches(params.name, provider.name) && matches(params.state, provider.state)),
        params,
        named,
      );
    },
  }),
  updateNetworkServiceProvider: asyncCommand({
    description: "Enables, disables or shuts down a network service provider",
    params: {
      id: required(entity("the ID of the provider", networkServiceProviders)),
      state: text("Enabled, Disabled or Shutdown"),
    },
    response: providerResponse,
    run: async ({ id: provider, state }, { cloud, caller }) => ({
      job: await cloud.providers.update(caller, provider, state),
    }),
  }),
  addOpenDaylightController: asyncCommand({
    description: "Adds a controller to a physical network. It has to answer and to take the credentials.",
    params: {
      physicalnetworkid: required(entity("the ID of the physical network", physicalNetworks)),
      url: required(text("http://<controller>:<port>")),
      username: required(text("the user that calls are made as")),
      password: required(text("that user's password")),
    },
    response: controllerResponse,
    run: async ({ physicalnetworkid: network, url, username, password }, { cloud, caller }) => ({
      job: await cloud.providers.addController(caller, network, { url, username, password }),
    }),
  }),
  listOpenDaylightControllers: listCommand({
    description: "Lists controllers",
    params: {
      id: entity("the ID of the controller", openDaylightControllers),
      physicalnetworkid: entity("the ID of the physical network", physicalNetworks),
    },
    response: controllerResponse,
    run: async ({ id, physicalnetworkid }, { store }) => {
      const items = await openDaylightControllers.list(
        store.db,
        where({ id: id?.id, physicalNetworkId: physicalnetworkid?.id }),
      );
      return { items, count: items.length };
    },
  }),
  deleteOpenDaylightController: asyncCommand({
    description: "Removes a controller that knows no network",
    params: { id: required(entity("the ID of the controller", openDaylightControllers)) },
    response: successResponse,
    run: async ({ id: controller }, { cloud, caller }) => ({
      job: await cloud.providers.deleteController(caller, controller),
    }),
  }),
};
