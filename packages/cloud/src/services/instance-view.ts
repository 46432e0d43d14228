import { cidrNetmask, type Ipv4, parseCidr, type Uuid } from "@loomstack/core";
import {
  type GuestNetwork,
  guestNetworks,
  type Host,
  hosts,
  type Instance,
  instances,
  type Nic,
  nics,
  type ServiceOffering,
  serviceOfferings,
  type Store,
  type Template,
  templates,
  type Zone,
  zones,
} from "@loomstack/model";
import { domainName } from "../instances/domain.ts";

export interface NicView {
  readonly nic: Nic;
  readonly network: GuestNetwork;
  readonly netmask: Ipv4;
}

/** An instance with the objects that it names. */
export interface InstanceView {
  readonly instance: Instance;
  readonly domainName: string;
  readonly zone: Zone;
  readonly host: Host | null;
  readonly serviceOffering: ServiceOffering;
  readonly template: Template;
  readonly nics: readonly NicView[];
}

export async function viewInstance(db: Store["db"], instance: Instance): Promise<InstanceView> {
  return {
    instance,
    domainName: domainName(instance),
    zone: await zones.get(db, instance.zoneId),
    host: instance.hostId === null ? null : await hosts.get(db, instance.hostId),
    serviceOffering: await serviceOfferings.get(db, instance.serviceOfferingId),
    template: await templates.get(db, instance.templateId),
    nics: await viewNics(db, instance.id),
  };
}

/** @throws MODEL__NOT_FOUND */
export async function viewInstanceById(db: Store["db"], id: Uuid): Promise<InstanceView> {
  return viewInstance(db, await instances.get(db, id));
}

/** The NICs of an instance, eth0 first. */
export async function viewNics(db: Store["db"], instanceId: Uuid): Promise<readonly NicView[]> {
  const found = (await nics.list(db, { instanceId })).toSorted((one, other) => one.deviceIndex - other.deviceIndex);
  const views: NicView[] = [];
  for (const nic of found) {
    const network = await guestNetworks.get(db, nic.networkId);
    views.push({ nic, network, netmask: cidrNetmask(parseCidr(network.cidr)) });
  }
  return views;
}
