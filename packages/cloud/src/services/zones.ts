import { cidrContains, cidrSize, formatCidr, parseCidr, parseIpv4, randomUuid } from "@loomstack/core";
import { type Cluster, clusters, type Pod, pods, type Zone, zones } from "@loomstack/model";
import type { CloudContext } from "../context.ts";
import { prefixOfGateway } from "./gateway-prefix.ts";
import { invalid } from "./invalid-parameter.ts";

export interface NewZone {
  readonly name: string;
  readonly networkType: string;
  readonly dns1: string;
  readonly internalDns1: string;
  readonly guestCidr: string | undefined;
}

export interface NewPod {
  readonly zone: Zone;
  readonly name: string;
  readonly gateway: string | undefined;
  readonly netmask: string | undefined;
  readonly startIp: string | undefined;
  readonly endIp: string | undefined;
}

export interface NewCluster {
  readonly zone: Zone;
  readonly pod: Pod;
  readonly name: string;
  readonly hypervisor: string;
  readonly clusterType: string;
}

/** Zones, and the pods and clusters in them. */
export interface Zones {
  create(zone: NewZone): Promise<Zone>;
  createPod(pod: NewPod): Promise<Pod>;
  addCluster(cluster: NewCluster): Promise<Cluster>;
}

const defaultGuestCidr = "10.1.1.0/24";

export function zonesService(context: CloudContext): Zones {
  const { store, random, clock } = context;
  const fresh = () => ({ id: randomUuid(random), createdAt: clock.now(), allocationState: "Enabled" }) as const;
  return {
    async create({ name, networkType, dns1, internalDns1, guestCidr = defaultGuestCidr }) {
      if (networkType !== "Advanced") throw invalid("networktype", networkType, "only Advanced zones are supported");
      const cidr = parseCidr(guestCidr);
      if (cidrSize(cidr) < 4)
        throw invalid("guestcidraddress", guestCidr, "it has no room for a gateway and an instance");
      for (const server of [dns1, internalDns1]) parseIpv4(server);
      const zone: Zone = { ...fresh(), name, networkType, dns1, internalDns1, guestCidr: formatCidr(cidr) };
      return (await store.transact((tx) => zones.insert(tx, zone))).result;
    },
    async createPod(request) {
      assertAddresses(request);
      const { zone, name, gateway = null, netmask = null, startIp = null, endIp = null } = request;
      const pod: Pod = { ...fresh(), zoneId: zone.id, name, gateway, netmask, startIp, endIp };
      return (await store.transact((tx) => pods.insert(tx, pod))).result;
    },
    async addCluster({ zone, pod, name, hypervisor, clusterType }) {
      if (pod.zoneId !== zone.id) throw invalid("podid", pod.id, `the pod isn't in zone ${zone.name}`);
      if (hypervisor.toUpperCase() !== "KVM") throw invalid("hypervisor", hypervisor, "only KVM is supported");
      if (clusterType !== "CloudManaged") throw invalid("clustertype", clusterType, "only CloudManaged is supported");
      const cluster: Cluster = { ...fresh(), zoneId: zone.id, podId: pod.id, name, hypervisor: "KVM", clusterType };
      return (await store.transact((tx) => clusters.insert(tx, cluster))).result;
    },
  };
}

/** The addresses of a pod are told back and used for nothing, but they have to make sense together. */
function assertAddresses({ gateway, netmask, startIp, endIp }: NewPod): void {
  const prefix = prefixOfGateway(gateway, netmask)?.prefix;
  for (const [parameter, value] of Object.entries({ startip: startIp, endip: endIp })) {
    if (value === undefined) continue;
    const address = parseIpv4(value);
    if (prefix !== undefined && !cidrContains(prefix, address))
      throw invalid(parameter, value, `it isn't in ${formatCidr(prefix)}, which gateway and netmask say`);
  }
}
