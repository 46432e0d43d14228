import { type Ipv4, LoomstackError, parseIpv4, randomUuid } from "@loomstack/core";
import { clusters, type Cluster, type Host, hosts, instances, type Pod, type Zone } from "@loomstack/model";
import type { CloudContext } from "../context.ts";
import { invalid } from "./invalid-parameter.ts";

export interface NewHost {
  readonly zone: Zone;
  readonly pod: Pod;
  /** Where there is none, the pod's only cluster. */
  readonly cluster: Cluster | undefined;
  readonly hypervisor: string;
  /**
   * `http://<address>`, as CloudStack's clients write it, or a libvirt URI with a host: `qemu+tcp://<address>/system`.
   */
  readonly url: string;
  /** The libvirt URI where `url` isn't one. */
  readonly libvirtUri: string | undefined;
  readonly domainType: string | undefined;
  readonly memoryMib: string | undefined;
}

export interface Hosts {
  /**
   * Adds a host that answers.
   *
   * @throws CLOUD__HOST_UNAVAILABLE, CLOUD__HOST_EXISTS, CLOUD__INVALID_PARAMETER; nothing is kept then
   */
  add(host: NewHost): Promise<Host>;
  /** @throws CLOUD__IN_USE while an instance is there */
  remove(host: Host): Promise<void>;
}

export function hostsService(context: CloudContext): Hosts {
  const { store, connections } = context;
  return {
    async add(request) {
      const { address, libvirtUri } = addressesOf(request.url, request.libvirtUri);
      const cluster = request.cluster ?? (await onlyCluster(context, request.pod));
      checkPlace(request, cluster);
      const host: Host = {
        id: randomUuid(context.random),
        zoneId: request.zone.id,
        podId: request.pod.id,
        clusterId: cluster.id,
        name: address,
        address,
        libvirtUri,
        domainType: domainTypeOf(request.domainType),
        memoryMib: memoryOf(request.memoryMib),
        allocationState: "Enabled",
        createdAt: context.clock.now(),
      };
      const hypervisor = await connections.probe(host.name, libvirtUri);
      try {
        await store.transact((tx) => hosts.insert(tx, host));
      } catch (error) {
        await hypervisor[Symbol.asyncDispose]();
        throw error;
      }
      connections.add(host, hypervisor);
      return host;
    },
    async remove(host) {
      await store.transact(async (tx) => {
        const [instance] = await instances.list(tx.db, { hostId: host.id });
        if (instance !== undefined)
          throw new LoomstackError("CLOUD__IN_USE", {
            subject: "host",
            id: host.name,
            user: `instance ${instance.name}`,
          });
        await hosts.remove(tx, host.id);
      });
      await connections.remove(host.id);
    },
  };
}

/** The address that the controller is told, and the URI that libvirt is reached by. */
export function addressesOf(
  url: string,
  libvirtUri: string | undefined,
): { readonly address: Ipv4; readonly libvirtUri: string } {
  const parsed = URL.parse(url);
  if (parsed === null) throw invalid("url", url, "write http://<IPv4 address of the host>");
  const isLibvirt = parsed.protocol.startsWith("qemu");
  if (!isLibvirt && parsed.protocol !== "http:") throw invalid("url", url, "write http://<IPv4 address of the host>");
  const address = parseIpv4(parsed.hostname);
  return { address, libvirtUri: libvirtUri ?? (isLibvirt ? url : `qemu+tcp://${address}/system`) };
}

async function onlyCluster(context: CloudContext, pod: Pod): Promise<Cluster> {
  const [cluster, ...others] = await clusters.list(context.store.db, { podId: pod.id });
  if (cluster === undefined || others.length > 0)
    throw invalid(
      "clusterid",
      "(none)",
      `pod ${pod.name} has ${others.length === 0 ? "no cluster" : "several clusters"}`,
    );
  return cluster;
}

function checkPlace({ zone, pod, hypervisor }: NewHost, cluster: Cluster): void {
  if (pod.zoneId !== zone.id) throw invalid("podid", pod.id, `the pod isn't in zone ${zone.name}`);
  if (cluster.podId !== pod.id) throw invalid("clusterid", cluster.id, `the cluster isn't in pod ${pod.name}`);
  if (hypervisor.toUpperCase() !== "KVM") throw invalid("hypervisor", hypervisor, "only KVM is supported");
}

function domainTypeOf(text = "kvm"): Host["domainType"] {
  if (text !== "kvm" && text !== "qemu") throw invalid("externaldetails[].domaintype", text, "it is kvm or qemu");
  return text;
}

function memoryOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalid("externaldetails[].memorymib", text, "it is a number of MiB");
  return Number(text);
}
