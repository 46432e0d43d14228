import type { RowOf } from "./column.ts";
import type { GuestNetwork } from "./guest-network.ts";
import type { Cluster, Host, Pod, Zone } from "./infrastructure.ts";
import type { Instance } from "./instance.ts";
import type { Job } from "./job.ts";
import type { Nic } from "./nic.ts";
import type { NetworkOffering, ServiceOffering, Template } from "./offering.ts";
import type {
  NetworkServiceProvider,
  OpenDaylightController,
  PhysicalNetwork,
  TrafficType,
} from "./physical-network.ts";

/** The tables of the cloud half; `migrations/0002-cloud.ts` makes them. */
export interface CloudTables {
  zones: RowOf<Zone>;
  pods: RowOf<Pod>;
  clusters: RowOf<Cluster>;
  hosts: RowOf<Host>;
  physical_networks: RowOf<PhysicalNetwork>;
  traffic_types: RowOf<TrafficType>;
  network_service_providers: RowOf<NetworkServiceProvider>;
  opendaylight_controllers: RowOf<OpenDaylightController>;
  network_offerings: RowOf<NetworkOffering>;
  service_offerings: RowOf<ServiceOffering>;
  templates: RowOf<Template>;
  guest_networks: RowOf<GuestNetwork>;
  instances: RowOf<Instance>;
  instance_numbers: { number: number };
  nics: RowOf<Nic>;
  jobs: RowOf<Job>;
}
