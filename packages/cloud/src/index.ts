export { type Cloud, type CloudOptions, createCloud } from "./cloud.ts";
export { type Caller, type CloudSettings, defaultSettings } from "./context.ts";
export type { ConnectHypervisor, HostStatus } from "./hosts/host-connections.ts";
export { connectLibvirt, type LibvirtOptions } from "./hypervisor/libvirt.ts";
export type {
  DomainEvent,
  DomainNic,
  DomainSpec,
  DomainState,
  DomainStatus,
  Hypervisor,
} from "./hypervisor/hypervisor.ts";
export type {
  NetworkProvider,
  ProviderHost,
  ProviderNetwork,
  ProviderOf,
  ProviderPort,
} from "./provider/network-provider.ts";
export { type RemoteProviderOptions, remoteProviders } from "./provider/remote.ts";
export { type InstanceView, type NicView, viewInstance, viewNics } from "./services/instance-view.ts";
export { offeredServices } from "./services/offerings.ts";
export { withoutPassword } from "./services/providers.ts";
export type { HostState } from "./states/host-states.ts";
