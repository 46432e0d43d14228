import { type InstanceView, viewInstance } from "@loomstack/cloud";
import type { Uuid } from "@loomstack/core";
import {
  guestNetworks,
  hosts,
  instances,
  nics,
  serviceOfferings,
  type Store,
  templates,
  zones,
} from "@loomstack/model";
import { asyncCommand, listCommand } from "../protocol/command.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { entities, entity, isVisible, required, sharedEntity, text, truth } from "../protocol/parameter.ts";
import { field, formatTime, responseObject } from "../protocol/response.ts";
import { namedBy, where } from "./lookup.ts";
import { nicResponse } from "./nics.ts";
import { rootDomain } from "./root-domain.ts";

const instanceResponse = responseObject(
  "virtualmachine",
  {
    id: field("string", "the ID of the instance, and the UUID of its domain"),
    name: field("string", "the host name"),
    displayname: field("string", "the name to show"),
    instancename: field("string", "the name of the domain"),
    account: field("string", "the account that owns it"),
    domain: field("string", "the domain of that account"),
    domainid: field("string", "the ID of that domain"),
    state: field("string", "Starting, Running, Stopping, Stopped, Destroyed, Expunging or Error"),
    details: field("map", "statereason: in words, why it is in its state, where there is something to say"),
    zoneid: field("string", "the ID of the zone"),
    zonename: field("string", "the name of the zone"),
    hostid: field("string", "the ID of the host"),
    hostname: field("string", "the name of the host"),
    hypervisor: field("string", "always KVM"),
    serviceofferingid: field("string", "the ID of the service offering"),
    serviceofferingname: field("string", "the name of the service offering"),
    templateid: field("string", "the ID of the template"),
    templatename: field("string", "the name of the template"),
    templatedisplaytext: field("string", "what the template is, in words"),
    templateformat: field("string", "the format of the template"),
    cpunumber: field("integer", "how many CPUs"),
    cpuspeed: field("integer", "the speed of a CPU in MHz; it is shown, and not enforced"),
    memory: field("integer", "the memory in MiB"),
    haenable: field("boolean", "always false"),
    passwordenabled: field("boolean", "always false"),
    displayvm: field("boolean", "always true"),
    ipaddress: field("string", "the address of the default NIC"),
    nic: field("list", "the NICs"),
    securitygroup: field("list", "always empty"),
    affinitygroup: field("list", "always empty"),
    tags: field("list", "always empty"),
    created: field("string", "when it was created"),
  },
  ({ instance, domainName, zone, host, serviceOffering, template, nics: plugged }: InstanceView) => ({
    id: instance.id,
    name: instance.name,
    displayname: instance.displayName,
    instancename: domainName,
    account: instance.account,
    ...rootDomain,
    state: instance.state,
    details: instance.stateReason === "" ? undefined : { statereason: instance.stateReason },
    zoneid: zone.id,
    zonename: zone.name,
    hostid: host?.id,
    hostname: host?.name,
    hypervisor: "KVM",
    serviceofferingid: serviceOffering.id,
    serviceofferingname: serviceOffering.name,
    templateid: template.id,
    templatename: template.name,
    templatedisplaytext: template.displayText,
    templateformat: template.format,
    cpunumber: instance.cpuNumber,
    cpuspeed: serviceOffering.cpuSpeedMhz,
    memory: instance.memoryMib,
    haenable: false,
    passwordenabled: false,
    displayvm: true,
    ipaddress: plugged.find(({ nic }) => nic.isDefault)?.nic.ipAddress,
    nic: plugged.map((view) => nicResponse.write(view)),
    securitygroup: [],
    affinitygroup: [],
    tags: [],
    created: formatTime(instance.createdAt),
  }),
);

/** The result of a job that took the instance away may have nothing left to tell. */
const finalResponse = {
  ...instanceResponse,
  write: (view: InstanceView | null) => (view === null ? {} : instanceResponse.write(view)),
};

export const instanceCommands = {
  deployVirtualMachine: asyncCommand({
    description:
      "Makes an instance and starts it; done when packets pass its ports. A start that fails leaves nothing.",
    params: {
      serviceofferingid: required(entity("the ID of the service offering", serviceOfferings)),
      templateid: required(sharedEntity("the ID of the template", templates)),
      zoneid: required(entity("the ID of the zone", zones)),
      networkids: required(entities("the IDs of the networks, one NIC each, eth0 first", guestNetworks)),
      name: text("the host name"),
      displayname: text("the name to show"),
      ipaddress: text("the address; the lowest that is free unless given"),
      hostid: entity("the ID of the only host that will do", hosts),
      startvm: truth("whether it is started; true unless given"),
    },
    refused: [
      "iptonetworklist",
      "nicnetworklist",
      "macaddress",
      "ip6address",
      "userdata",
      "userdataid",
      "diskofferingid",
      "securitygroupids",
      "projectid",
    ],
    response: instanceResponse,
    forUsers: true,
    run: async (
      { serviceofferingid: serviceOffering, templateid: template, zoneid: zone, networkids: networks, ...params },
      { cloud, caller },
    ) => {
      const { name, displayname: displayName, ipaddress: ipAddress, hostid: host, startvm: startNow = true } = params;
      const request = { zone, serviceOffering, template, networks, host, name, displayName, ipAddress, startNow };
      return { job: await cloud.instances.deploy(caller, request), creates: true };
    },
  }),
  startVirtualMachine: asyncCommand({
    description: "Starts a stopped instance",
    params: {
      id: required(entity("the ID of the instance", instances)),
      hostid: entity("the ID of the only host that will do", hosts),
    },
    response: instanceResponse,
    forUsers: true,
    run: async ({ id: instance, hostid: host }, { cloud, caller }) => ({
      job: await cloud.instances.start(caller, instance, host),
    }),
  }),
  stopVirtualMachine: asyncCommand({
    description: "Stops an instance at once: its guest isn't asked",
    params: {
      id: required(entity("the ID of the instance", instances)),
      forced: truth("counts it as stopped even if its host can't be asked; its domain is ended when the host is back"),
    },
    response: instanceResponse,
    forUsers: true,
    run: async ({ id: instance, forced = false }, { cloud, caller }) => ({
      job: await cloud.instances.stop(caller, instance, forced),
    }),
  }),
  destroyVirtualMachine: asyncCommand({
    description: "Destroys an instance; its addresses are kept until it is expunged",
    params: {
      id: required(entity("the ID of the instance", instances)),
      expunge: truth("whether nothing of it is kept"),
    },
    response: finalResponse,
    forUsers: true,
    run: async ({ id: instance, expunge = false }, { cloud, caller }) => ({
      job: await cloud.instances.destroy(caller, instance, expunge),
    }),
  }),
  listVirtualMachines: listCommand({
    description: "Lists instances",
    params: {
      id: entity("the ID of the instance", instances),
      ids: entities("the IDs of the instances", instances),
      name: text("the host name of the instance"),
      state: text("the state of the instances"),
      zoneid: entity("the ID of the instances' zone", zones),
      hostid: entity("the ID of the instances' host", hosts),
      networkid: entity("the ID of a network that the instances are on", guestNetworks),
      account: text("the account that owns the instances"),
      listall: truth("has no effect: an administrator always sees all instances"),
      ...pagingParameters,
    },
    response: instanceResponse,
    forUsers: true,
    run: async (params, { store, caller }, name) => {
      const { id, ids, state, zoneid, hostid, networkid, account } = params;
      const filter = where({ id: id?.id, name: params.name, zoneId: zoneid?.id, hostId: hostid?.id, account });
      const named = ids === undefined ? undefined : new Set(ids.map((instance) => instance.id));
      const onNetwork = networkid === undefined ? undefined : await instancesOn(store, networkid.id);
      const found = (await instances.list(store.db, filter))
        .filter(
          (instance) =>
            isVisible(instance, caller) &&
            (state === undefined || instance.state.toLowerCase() === state.toLowerCase()),
        )
        .filter((instance) => (named?.has(instance.id) ?? true) && (onNetwork?.has(instance.id) ?? true));
      const page = pageOf(
        name,
        found,
        params,
        namedBy((instance) => instance),
      );
      return {
        count: page.count,
        items: await Promise.all(page.items.map((instance) => viewInstance(store.db, instance))),
      };
    },
  }),
};

async function instancesOn(store: Store, networkId: Uuid): Promise<ReadonlySet<string>> {
  return new Set((await nics.list(store.db, { networkId })).map((nic) => nic.instanceId));
}
