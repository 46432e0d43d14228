import { ipVersionOf, parsePrefix } from "@loomstack/core";
import { listNetworks, listSubnets, type Network, poolNumbers, type Subnet } from "@loomstack/model";
import { attributesOf } from "../attributes/attribute.ts";
import { isAmong } from "../lists/selection.ts";
import type { NeutronOptions } from "../options.ts";
import type { ReadOnlyResource } from "../read-only-routes.ts";

interface SubnetAvailability {
  readonly subnet: Subnet;
  /** Addresses that ports may be given. */
  readonly total: bigint;
  /** Addresses that ports have, wherever they are in the subnet. */
  readonly used: number;
}

interface ShownAvailability {
  readonly network: Network;
  readonly subnets: readonly SubnetAvailability[];
}

const attributes = attributesOf<ShownAvailability>()({
  network_id: { show: ({ network }) => network.id },
  network_name: { show: ({ network }) => network.name },
  tenant_id: { show: ({ network }) => network.tenantId },
  // Of either version of IP, where both are on the network.
  ip_version: { filter: ({ subnets }, wanted) => subnets.some(({ subnet }) => isAmong(versionOf(subnet), wanted)) },
  total_ips: {
    show: ({ subnets }) => Number(subnets.reduce((sum, { total }) => sum + total, 0n)),
    filter: false,
  },
  used_ips: { show: ({ subnets }) => subnets.reduce((sum, { used }) => sum + used, 0), filter: false },
  subnet_ip_availability: {
    show: ({ subnets }) =>
      subnets.map(({ subnet, total, used }) => ({
        ...{ subnet_id: subnet.id, subnet_name: subnet.name, cidr: subnet.cidr, ip_version: versionOf(subnet) },
        ...{ total_ips: Number(total), used_ips: used },
      })),
    filter: false,
  },
});

/** How many addresses of each network are given out, and how many there are to give. */
export function networkIpAvailabilityResource({
  store,
}: Pick<NeutronOptions, "store">): ReadOnlyResource<ShownAvailability> {
  return {
    singular: "network_ip_availability",
    plural: "network_ip_availabilities",
    attributes,
    async list() {
      const { db } = store;
      const rows = await db
        .selectFrom("port_addresses")
        .select(({ fn }) => ["subnet_id", fn.countAll<number>().as("used")])
        .groupBy("subnet_id")
        .execute();
      const used = new Map(rows.map((row) => [row.subnet_id, row.used]));
      const subnets = (await listSubnets(db)).map((subnet) => ({
        ...{ subnet, total: sizeOf(subnet), used: used.get(subnet.id) ?? 0 },
      }));
      const byNetwork = Map.groupBy(subnets, ({ subnet }) => subnet.networkId);
      return (await listNetworks(db)).map((network) => ({ network, subnets: byNetwork.get(network.id) ?? [] }));
    },
    idOf: ({ network }) => network.id,
  };
}

function versionOf({ cidr }: Subnet): 4 | 6 {
  return ipVersionOf(parsePrefix(cidr).network);
}

function sizeOf(subnet: Subnet): bigint {
  return poolNumbers(subnet, parsePrefix(subnet.cidr)).reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
}
