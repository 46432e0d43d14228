import { type Cluster, clusters, type Pod, pods, type Zone, zones } from "@loomstack/model";
import { command, listCommand } from "../protocol/command.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { entity, required, text } from "../protocol/parameter.ts";
import { field, responseObject } from "../protocol/response.ts";
import { named, namedBy, namesOf, where } from "./lookup.ts";

const zoneResponse = responseObject(
  "zone",
  {
    id: field("string", "the ID of the zone"),
    name: field("string", "the name of the zone"),
    networktype: field("string", "the network type of the zone; always Advanced"),
    dns1: field("string", "the first DNS server"),
    internaldns1: field("string", "the first internal DNS server"),
    guestcidraddress: field("string", "the prefix of guest networks that don't name their own"),
    allocationstate: field("string", "whether instances may be placed in the zone"),
    securitygroupsenabled: field("boolean", "always false"),
    localstorageenabled: field("boolean", "always true: instances boot from files on their hosts"),
  },
  (zone: Zone) => ({
    id: zone.id,
    name: zone.name,
    networktype: zone.networkType,
    dns1: zone.dns1,
    internaldns1: zone.internalDns1,
    guestcidraddress: zone.guestCidr,
    allocationstate: zone.allocationState,
    securitygroupsenabled: false,
    localstorageenabled: true,
  }),
);

interface PodView {
  readonly pod: Pod;
  readonly zoneName: string;
}

const podResponse = responseObject(
  "pod",
  {
    id: field("string", "the ID of the pod"),
    name: field("string", "the name of the pod"),
    zoneid: field("string", "the ID of the pod's zone"),
    zonename: field("string", "the name of the pod's zone"),
    gateway: field("string", "the gateway of the pod"),
    netmask: field("string", "the netmask of the pod"),
    startip: field("list", "the first address of the pod"),
    endip: field("list", "the last address of the pod"),
    allocationstate: field("string", "whether instances may be placed in the pod"),
  },
  ({ pod, zoneName }: PodView) => ({
    id: pod.id,
    name: pod.name,
    zoneid: pod.zoneId,
    zonename: zoneName,
    gateway: pod.gateway ?? undefined,
    netmask: pod.netmask ?? undefined,
    startip: pod.startIp === null ? undefined : [pod.startIp],
    endip: pod.endIp === null ? undefined : [pod.endIp],
    allocationstate: pod.allocationState,
  }),
);

interface ClusterView {
  readonly cluster: Cluster;
  readonly zoneName: string;
  readonly podName: string;
}

const clusterResponse = responseObject(
  "cluster",
  {
    id: field("string", "the ID of the cluster"),
    name: field("string", "the name of the cluster"),
    zoneid: field("string", "the ID of the cluster's zone"),
    zonename: field("string", "the name of the cluster's zone"),
    podid: field("string", "the ID of the cluster's pod"),
    podname: field("string", "the name of the cluster's pod"),
    hypervisortype: field("string", "the hypervisor of the cluster; always KVM"),
    clustertype: field("string", "always CloudManaged"),
    allocationstate: field("string", "whether instances may be placed in the cluster"),
    managedstate: field("string", "always Managed"),
  },
  ({ cluster, zoneName, podName }: ClusterView) => ({
    id: cluster.id,
    name: cluster.name,
    zoneid: cluster.zoneId,
    zonename: zoneName,
    podid: cluster.podId,
    podname: podName,
    hypervisortype: cluster.hypervisor,
    clustertype: cluster.clusterType,
    allocationstate: cluster.allocationState,
    managedstate: "Managed",
  }),
);

export const zoneCommands = {
  createZone: command({
    description: "Creates a zone",
    params: {
      name: required(text("the name of the zone")),
      networktype: required(text("the network type of the zone; only Advanced is supported")),
      dns1: required(text("the first DNS server (IPv4)")),
      internaldns1: required(text("the first internal DNS server (IPv4)")),
      guestcidraddress: text("the prefix of guest networks that don't name their own; 10.1.1.0/24 unless given"),
    },
    response: zoneResponse,
    run: ({ name, networktype, dns1, internaldns1, guestcidraddress }, { cloud }) =>
      cloud.zones.create({
        name,
        networkType: networktype,
        dns1,
        internalDns1: internaldns1,
        guestCidr: guestcidraddress,
      }),
  }),
  listZones: listCommand({
    description: "Lists zones",
    params: { id: entity("the ID of the zone", zones), name: text("the name of the zone"), ...pagingParameters },
    response: zoneResponse,
    forUsers: true,
    run: async (params, { store }, name) =>
      pageOf(name, await zones.list(store.db, where({ id: params.id?.id, name: params.name })), params, named),
  }),
  createPod: command({
    description: "Creates a pod",
    params: {
      name: required(text("the name of the pod")),
      zoneid: required(entity("the ID of the pod's zone", zones)),
      gateway: text("the gateway of the pod"),
      netmask: text("the netmask of the pod"),
      startip: text("the first address of the pod"),
      endip: text("the last address of the pod"),
    },
    response: podResponse,
    run: async ({ name, zoneid: zone, gateway, netmask, startip, endip }, { cloud }) => {
      const pod = await cloud.zones.createPod({ zone, name, gateway, netmask, startIp: startip, endIp: endip });
      return { pod, zoneName: zone.name };
    },
  }),
  listPods: listCommand({
    description: "Lists pods",
    params: {
      id: entity("the ID of the pod", pods),
      name: text("the name of the pod"),
      zoneid: entity("the ID of the pods' zone", zones),
      ...pagingParameters,
    },
    response: podResponse,
    run: async (params, { store }, name) => {
      const zoneNames = await namesOf(zones, store);
      const found = await pods.list(
        store.db,
        where({ id: params.id?.id, name: params.name, zoneId: params.zoneid?.id }),
      );
      return pageOf(
        name,
        found.map((pod) => ({ pod, zoneName: zoneNames(pod.zoneId) })),
        params,
        namedBy(({ pod }) => pod),
      );
    },
  }),
  addCluster: command({
    description: "Adds a cluster",
    params: {
      clustername: required(text("the name of the cluster")),
      clustertype: required(text("only CloudManaged is supported")),
      hypervisor: required(text("only KVM is supported")),
      podid: required(entity("the ID of the cluster's pod", pods)),
      zoneid: required(entity("the ID of the cluster's zone", zones)),
    },
    response: clusterResponse,
    run: async ({ clustername, clustertype, hypervisor, podid: pod, zoneid: zone }, { cloud }) => {
      const cluster = await cloud.zones.addCluster({
        zone,
        pod,
        name: clustername,
        hypervisor,
        clusterType: clustertype,
      });
      return { cluster, zoneName: zone.name, podName: pod.name };
    },
  }),
  listClusters: listCommand({
    description: "Lists clusters",
    params: {
      id: entity("the ID of the cluster", clusters),
      name: text("the name of the cluster"),
      zoneid: entity("the ID of the clusters' zone", zones),
      podid: entity("the ID of the clusters' pod", pods),
      ...pagingParameters,
    },
    response: clusterResponse,
    run: async (params, { store }, name) => {
      const zoneNames = await namesOf(zones, store);
      const podNames = await namesOf(pods, store);
      const found = await clusters.list(
        store.db,
        where({ id: params.id?.id, name: params.name, zoneId: params.zoneid?.id, podId: params.podid?.id }),
      );
      const views = found.map((cluster) => ({
        cluster,
        zoneName: zoneNames(cluster.zoneId),
        podName: podNames(cluster.podId),
      }));
      return pageOf(
        name,
        views,
        params,
        namedBy(({ cluster }) => cluster),
      );
    },
  }),
};
