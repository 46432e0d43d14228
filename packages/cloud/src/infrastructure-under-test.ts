/** What tests of the cloud have set up before they begin: a zone with two hosts, offerings, a template and a network. */
import type { Uuid } from "@loomstack/core";
import {
  type GuestNetwork,
  type Host,
  type Job,
  networkOfferings,
  networkServiceProviders,
  physicalNetworks,
  type ServiceOffering,
  type Store,
  type Template,
  type Zone,
} from "@loomstack/model";
import type { Cloud } from "./cloud.ts";
import type { Caller } from "./context.ts";
import { ended } from "./outcome-under-test.ts";
import type { World } from "./world-under-test.ts";

export const caller: Caller = {
  userId: "00000000-0000-4000-8000-0000000000aa" as Uuid,
  account: "admin",
  isAdmin: true,
};

export interface Infrastructure {
  readonly zone: Zone;
  readonly hosts: readonly [Host, Host];
  readonly serviceOffering: ServiceOffering;
  readonly template: Template;
  readonly network: GuestNetwork;
}

export const hostUris = ["qemu+tcp://192.0.2.1/system", "qemu+tcp://192.0.2.2/system"] as const;

/** All that an administrator sets up, with two hosts, and one network that is Allocated. */
export async function setUp(
  cloud: Cloud,
  store: Store,
  world: World,
  services: readonly string[] = ["Connectivity"],
): Promise<Infrastructure> {
  const zone = await cloud.zones.create({
    name: "z",
    networkType: "Advanced",
    dns1: "192.0.2.53",
    internalDns1: "192.0.2.53",
    guestCidr: undefined,
  });
  const pod = await cloud.zones.createPod({
    zone,
    name: "p",
    gateway: undefined,
    netmask: undefined,
    startIp: undefined,
    endIp: undefined,
  });
  const cluster = await cloud.zones.addCluster({
    zone,
    pod,
    name: "c",
    hypervisor: "KVM",
    clusterType: "CloudManaged",
  });
  const addHost = (url: string): Promise<Host> => {
    world.addHost(url);
    return cloud.hosts.add({
      zone,
      pod,
      cluster,
      hypervisor: "KVM",
      url,
      libvirtUri: undefined,
      domainType: "qemu",
      memoryMib: "1024",
    });
  };
  const hosts = [await addHost(hostUris[0]), await addHost(hostUris[1])] as const;
  await addPhysicalNetwork(cloud, store, zone);
  const serviceProviders = services.map((service) => ({ service, provider: "Opendaylight" }));
  const offering = {
    name: "o",
    displayText: "o",
    guestIpType: "Isolated",
    trafficType: "GUEST",
    availability: undefined,
    enabled: true,
  };
  await cloud.offerings.createNetworkOffering({ ...offering, supportedServices: services, serviceProviders });
  const size = { name: "s", displayText: "s", cpuNumber: 1, cpuSpeedMhz: undefined, memoryMib: 128 };
  const serviceOffering = await cloud.offerings.createServiceOffering(size);
  const files = { url: "file:///boot/vmlinuz", initrd: "file:///boot/initrd", commandLine: undefined };
  const template = await cloud.offerings.registerTemplate(caller, {
    name: "t",
    displayText: "t",
    format: "KERNEL",
    hypervisor: "KVM",
    ...files,
  });
  const network = await addNetwork(cloud, zone, store, "n");
  return { zone, hosts, serviceOffering, template, network };
}

async function addPhysicalNetwork(cloud: Cloud, store: Store, zone: Zone): Promise<void> {
  const created = await cloud.physicalNetworks.create(caller, { zone, name: "pn", isolationMethods: ["ODL"] });
  await ended(store, created);
  const [network] = await physicalNetworks.list(store.db);
  if (network === undefined) throw new TypeError("there is no physical network");
  await ended(store, await cloud.physicalNetworks.addTrafficType(caller, network, "Guest", "br-int"));
  await ended(store, await cloud.providers.add(caller, network, "Opendaylight"));
  const controller = { url: "http://192.0.2.9:8080", username: "admin", password: "secret" };
  await ended(store, await cloud.providers.addController(caller, network, controller));
  const [provider] = await networkServiceProviders.list(store.db);
  if (provider === undefined) throw new TypeError("there is no provider");
  await ended(store, await cloud.providers.update(caller, provider, "Enabled"));
  await ended(store, await cloud.physicalNetworks.update(caller, network, { state: "Enabled" }));
}

export async function addNetwork(cloud: Cloud, zone: Zone, store: Store, name: string): Promise<GuestNetwork> {
  const [offering] = await networkOfferings.list(store.db);
  if (offering === undefined) throw new TypeError("there is no network offering");
  const nothing = {
    physicalNetwork: undefined,
    displayText: undefined,
    gateway: undefined,
    netmask: undefined,
    mtu: undefined,
  };
  return cloud.networks.create(caller, { zone, offering, name, ...nothing });
}

export type DeployOptions = Partial<Parameters<Cloud["instances"]["deploy"]>[1]>;

export function deploy(
  cloud: Cloud,
  { zone, serviceOffering, template, network }: Infrastructure,
  options: DeployOptions = {},
): Promise<Job> {
  const nothing = { host: undefined, name: undefined, displayName: undefined, ipAddress: undefined };
  return cloud.instances.deploy(caller, {
    zone,
    serviceOffering,
    template,
    networks: [network],
    startNow: true,
    ...nothing,
    ...options,
  });
}
