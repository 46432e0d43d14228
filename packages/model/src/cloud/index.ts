export type { CloudChange } from "./changes.ts";
export { freeSegmentationId, type GuestNetwork, guestNetworks, type NetworkState } from "./guest-network.ts";
export {
  type AllocationState,
  type Cluster,
  clusters,
  type Host,
  hosts,
  type Pod,
  pods,
  type Zone,
  zones,
} from "./infrastructure.ts";
export { allocatedMemoryMib, type Instance, instances, type InstanceState, nextInstanceNumber } from "./instance.ts";
export { forgetJobs, type Job, jobs, type JobState, unfinishedJobs } from "./job.ts";
export { freeAddress, hostNameIsTaken, macIsTaken, type Nic, type NicPortState, nics } from "./nic.ts";
export {
  type NetworkOffering,
  networkOfferings,
  type ServiceOffering,
  serviceOfferings,
  type Template,
  templates,
} from "./offering.ts";
export {
  type NetworkServiceProvider,
  networkServiceProviders,
  type OpenDaylightController,
  openDaylightControllers,
  type PhysicalNetwork,
  physicalNetworks,
  type ProviderState,
  type TrafficType,
  trafficTypes,
} from "./physical-network.ts";
export type { ResourceTable } from "./resource-table.ts";
export type { CloudTables } from "./tables.ts";
