import type { HostStatus } from "@loomstack/cloud";
import { allocatedMemoryMib, clusters, type Host, hosts, pods, type Store, zones } from "@loomstack/model";
import { bareCommand, command, type CommandContext, listCommand } from "../protocol/command.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { details, entity, required, text } from "../protocol/parameter.ts";
import { field, formatTime, responseObject } from "../protocol/response.ts";
import { namedBy, where } from "./lookup.ts";
import { successResponse } from "./success.ts";

interface HostView {
  readonly host: Host;
  readonly status: HostStatus;
  readonly zoneName: string;
  readonly podName: string;
  readonly clusterName: string;
  readonly allocatedMib: number;
}

const mib = 1024 * 1024;

const hostResponse = responseObject(
  "host",
  {
    id: field("string", "the ID of the host"),
    name: field("string", "the name of the host: its address"),
    type: field("string", "always Routing: a host that runs instances"),
    hypervisor: field("string", "always KVM"),
    ipaddress: field("string", "the address that the network controller is told"),
    zoneid: field("string", "the ID of the host's zone"),
    zonename: field("string", "the name of the host's zone"),
    podid: field("string", "the ID of the host's pod"),
    podname: field("string", "the name of the host's pod"),
    clusterid: field("string", "the ID of the host's cluster"),
    clustername: field("string", "the name of the host's cluster"),
    state: field("string", "Up, Connecting, Alert (being tried again) or Down, as observed"),
    resourcestate: field("string", "whether instances may be placed on the host"),
    memorytotal: field("long", "what instances may use of its memory, in bytes; absent where that isn't limited"),
    memoryallocated: field("long", "what instances have been promised of its memory, in bytes"),
    details: field("map", "libvirturi, domaintype, and statereason: in words, why the host is in its state"),
    created: field("string", "when the host was added"),
  },
  ({ host, status, zoneName, podName, clusterName, allocatedMib }: HostView) => ({
    id: host.id,
    name: host.name,
    type: "Routing",
    hypervisor: "KVM",
    ipaddress: host.address,
    zoneid: host.zoneId,
    zonename: zoneName,
    podid: host.podId,
    podname: podName,
    clusterid: host.clusterId,
    clustername: clusterName,
    state: status.state,
    resourcestate: host.allocationState,
    memorytotal: host.memoryMib === null ? undefined : host.memoryMib * mib,
    memoryallocated: allocatedMib * mib,
    details: { libvirturi: host.libvirtUri, domaintype: host.domainType, statereason: status.reason },
    created: formatTime(host.createdAt),
  }),
);

export const hostCommands = {
  addHost: command({
    description: "Adds a KVM host: Open vSwitch and libvirt, nothing else prepared. It has to answer.",
    params: {
      hypervisor: required(text("only KVM is supported")),
      url: required(
        text(
          "http://<IPv4 address that the controller is told>, or a libvirt URI with it: qemu+tcp://<address>/system",
        ),
      ),
      zoneid: required(entity("the ID of the host's zone", zones)),
      podid: required(entity("the ID of the host's pod", pods)),
      clusterid: entity("the ID of the host's cluster; needed where the pod has several", clusters),
      externaldetails: details(
        "libvirturi: how libvirt is reached; domaintype: kvm or qemu; memorymib: what instances may use of its memory",
      ),
      details: details("the same as externaldetails"),
    },
    response: hostResponse,
    run: async ({ hypervisor, url, zoneid: zone, podid: pod, clusterid: cluster, ...given }, context) => {
      const detail = (name: string): string | undefined => given.externaldetails?.get(name) ?? given.details?.get(name);
      const [libvirtUri, domainType, memoryMib] = [detail("libvirturi"), detail("domaintype"), detail("memorymib")];
      return viewHost(
        context,
        await context.cloud.hosts.add({ zone, pod, cluster, hypervisor, url, libvirtUri, domainType, memoryMib }),
      );
    },
  }),
  listHosts: listCommand({
    description: "Lists hosts",
    params: {
      id: entity("the ID of the host", hosts),
      name: text("the name of the host"),
      zoneid: entity("the ID of the hosts' zone", zones),
      podid: entity("the ID of the hosts' pod", pods),
      clusterid: entity("the ID of the hosts' cluster", clusters),
      type: text("the type of the hosts; all are Routing"),
      state: text("the state of the hosts"),
      ...pagingParameters,
    },
    response: hostResponse,
    run: async (params, context, name) => {
      if (params.type !== undefined && params.type.toLowerCase() !== "routing") return { items: [], count: 0 };
      const { id, zoneid, podid, clusterid } = params;
      const filter = where({
        id: id?.id,
        name: params.name,
        zoneId: zoneid?.id,
        podId: podid?.id,
        clusterId: clusterid?.id,
      });
      const views = await Promise.all(
        (await hosts.list(context.store.db, filter)).map((host) => viewHost(context, host)),
      );
      const found = views.filter(
        ({ status }) => params.state === undefined || params.state.toLowerCase() === status.state.toLowerCase(),
      );
      return pageOf(
        name,
        found,
        params,
        namedBy(({ host }) => host),
      );
    },
  }),
  deleteHost: bareCommand({
    description: "Removes a host that no instance is on",
    params: { id: required(entity("the ID of the host", hosts)) },
    response: successResponse,
    run: async ({ id: host }, { cloud }) => {
      await cloud.hosts.remove(host);
      return { success: true };
    },
  }),
};

async function viewHost({ cloud, store }: CommandContext, host: Host): Promise<HostView> {
  const db: Store["db"] = store.db;
  return {
    host,
    status: cloud.hostStatus(host.id),
    zoneName: (await zones.get(db, host.zoneId)).name,
    podName: (await pods.get(db, host.podId)).name,
    clusterName: (await clusters.get(db, host.clusterId)).name,
    allocatedMib: (await allocatedMemoryMib(db)).get(host.id) ?? 0,
  };
}
