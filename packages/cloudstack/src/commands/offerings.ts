import { type NetworkOffering, networkOfferings, type ServiceOffering, serviceOfferings } from "@loomstack/model";
import { command, listCommand } from "../protocol/command.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { entity, integer, list, map, required, text, truth } from "../protocol/parameter.ts";
import { field, formatTime, responseObject } from "../protocol/response.ts";
import { named, where } from "./lookup.ts";
import { serviceResponse, supportedServices, writeServices } from "./service.ts";

const networkOfferingResponse = responseObject(
  "networkoffering",
  {
    id: field("string", "the ID of the network offering"),
    name: field("string", "the name of the network offering"),
    displaytext: field("string", "what it is, in words"),
    guestiptype: field("string", "always Isolated"),
    traffictype: field("string", "always Guest"),
    availability: field("string", "Optional or Required"),
    state: field("string", "Enabled or Disabled"),
    service: field("list", "the services, with who gives them"),
    isdefault: field("boolean", "always false"),
    ispersistent: field("boolean", "always false: networks are implemented when they are needed"),
    conservemode: field("boolean", "always false"),
    specifyvlan: field("boolean", "always false"),
    specifyipranges: field("boolean", "always false"),
    forvpc: field("boolean", "always false"),
    egressdefaultpolicy: field("boolean", "always true: what leaves an instance isn't filtered"),
    created: field("string", "when it was created"),
  },
  (offering: NetworkOffering) => ({
    id: offering.id,
    name: offering.name,
    displaytext: offering.displayText,
    guestiptype: offering.guestIpType,
    traffictype: offering.trafficType,
    availability: offering.availability,
    state: offering.state,
    service: writeServices(offering.services),
    isdefault: false,
    ispersistent: false,
    conservemode: false,
    specifyvlan: false,
    specifyipranges: false,
    forvpc: false,
    egressdefaultpolicy: true,
    created: formatTime(offering.createdAt),
  }),
);

const serviceOfferingResponse = responseObject(
  "serviceoffering",
  {
    id: field("string", "the ID of the service offering"),
    name: field("string", "the name of the service offering"),
    displaytext: field("string", "what it is, in words"),
    cpunumber: field("integer", "how many CPUs"),
    cpuspeed: field("integer", "the speed of a CPU in MHz; it is shown, and not enforced"),
    memory: field("integer", "the memory in MiB"),
    storagetype: field("string", "always local"),
    offerha: field("boolean", "always false"),
    limitcpuuse: field("boolean", "always false"),
    issystem: field("boolean", "always false"),
    iscustomized: field("boolean", "always false"),
    state: field("string", "always Active"),
    created: field("string", "when it was created"),
  },
  (offering: ServiceOffering) => ({
    id: offering.id,
    name: offering.name,
    displaytext: offering.displayText,
    cpunumber: offering.cpuNumber,
    cpuspeed: offering.cpuSpeedMhz,
    memory: offering.memoryMib,
    storagetype: "local",
    offerha: false,
    limitcpuuse: false,
    issystem: false,
    iscustomized: false,
    state: "Active",
    created: formatTime(offering.createdAt),
  }),
);

export const offeringCommands = {
  createNetworkOffering: command({
    description: "Creates a network offering; it is Disabled unless enable=true",
    params: {
      name: required(text("the name of the network offering")),
      displaytext: required(text("what it is, in words")),
      guestiptype: required(text("only Isolated is supported")),
      traffictype: required(text("only GUEST is supported")),
      availability: text("Optional or Required; Optional unless given"),
      supportedservices: list("Connectivity, and Dhcp where guests are told their addresses by DHCP"),
      serviceproviderlist: map(
        "who gives which: serviceproviderlist[0].service=Connectivity&serviceproviderlist[0].provider=Opendaylight",
      ),
      enable: truth("whether it is Enabled at once"),
    },
    response: networkOfferingResponse,
    run: (
      {
        name,
        displaytext,
        guestiptype,
        traffictype,
        availability,
        supportedservices = [],
        serviceproviderlist = [],
        enable = false,
      },
      { cloud },
    ) =>
      cloud.offerings.createNetworkOffering({
        name,
        displayText: displaytext,
        guestIpType: guestiptype,
        trafficType: traffictype,
        availability,
        supportedServices: supportedservices,
        serviceProviders: serviceproviderlist.map(({ service = "", provider = "" }) => ({ service, provider })),
        enabled: enable,
      }),
  }),
  updateNetworkOffering: command({
    description: "Changes a network offering",
    params: {
      id: required(entity("the ID of the network offering", networkOfferings)),
      name: text("its new name"),
      displaytext: text("what it is, in words"),
      availability: text("Optional or Required"),
      state: text("Enabled or Disabled"),
    },
    response: networkOfferingResponse,
    run: ({ id: offering, name, displaytext, availability, state }, { cloud }) =>
      cloud.offerings.updateNetworkOffering(offering, { name, displayText: displaytext, availability, state }),
  }),
  listNetworkOfferings: listCommand({
    description: "Lists network offerings",
    params: {
      id: entity("the ID of the network offering", networkOfferings),
      name: text("the name of the network offering"),
      state: text("the state of the network offering"),
      guestiptype: text("the guest type; all are Isolated"),
      ...pagingParameters,
    },
    response: networkOfferingResponse,
    forUsers: true,
    run: async (params, { store }, name) => {
      const found = await networkOfferings.list(store.db, where({ id: params.id?.id, name: params.name }));
      const matches = (asked: string | undefined, value: string): boolean =>
        asked === undefined || asked.toLowerCase() === value.toLowerCase();
      const chosen = found.filter(
        (offering) => matches(params.state, offering.state) && matches(params.guestiptype, offering.guestIpType),
      );
      return pageOf(name, chosen, params, named);
    },
  }),
  listSupportedNetworkServices: listCommand({
    description: "Lists the services that networks can have, and who gives them",
    params: {
      service: text("the name of the service"),
      provider: text("the name of the provider"),
      ...pagingParameters,
    },
    response: serviceResponse,
    forUsers: true,
    run: (params, _context, name) => {
      const found = supportedServices.filter(
        (one) => (params.service ?? one.name) === one.name && (params.provider ?? one.provider) === one.provider,
      );
      return Promise.resolve(pageOf(name, found, params, named));
    },
  }),
  createServiceOffering: command({
    description: "Creates a service offering",
    params: {
      name: required(text("the name of the service offering")),
      displaytext: required(text("what it is, in words")),
      cpunumber: required(integer("how many CPUs")),
      memory: required(integer("the memory in MiB")),
      cpuspeed: integer("the speed of a CPU in MHz; it is shown, and not enforced"),
    },
    response: serviceOfferingResponse,
    run: ({ name, displaytext, cpunumber, cpuspeed, memory }, { cloud }) =>
      cloud.offerings.createServiceOffering({
        name,
        displayText: displaytext,
        cpuNumber: cpunumber,
        cpuSpeedMhz: cpuspeed,
        memoryMib: memory,
      }),
  }),
  listServiceOfferings: listCommand({
    description: "Lists service offerings",
    params: {
      id: entity("the ID of the service offering", serviceOfferings),
      name: text("the name of the service offering"),
      ...pagingParameters,
    },
    response: serviceOfferingResponse,
    forUsers: true,
    run: async (params, { store }, name) => {
      const found = await serviceOfferings.list(store.db, where({ id: params.id?.id, name: params.name }));
      return pageOf(name, found, params, named);
    },
  }),
};
