import { type Ip, isIpv4 } from "@loomstack/core";
import type { Match } from "@loomstack/openflow";
import type { PlannedHypervisor, PlannedNetwork, PlannedPort } from "../compile/plan.ts";
import { type PlannedFlow, plannedFlow } from "../pipeline/planned-flow.ts";
import { priority } from "../pipeline/priorities.ts";
import { registers } from "../pipeline/registers.ts";
import { neighbourSecurity, portSecurity } from "../pipeline/tables.ts";
import type { Feature } from "./feature.ts";
import { etherType, icmpv6Type, ipProto } from "../packets/protocol-numbers.ts";

const name = "address-keeping";

/**
 * A port that is held to its MAC address alone may use any IP address that nobody has, and none that intent gives
 * another port. Ports with addresses need no such flow: theirs name what they may use.
 */
export const addressKeeping: Feature = {
  name,
  doc: "Where a port is held to its MAC address alone, the addresses that intent gives the other ports of its network are kept from it.",
  localPort: kept,
  remotePort: kept,
};

function kept(_hypervisor: PlannedHypervisor, network: PlannedNetwork, port: PlannedPort): PlannedFlow[] {
  return network.keepsAddresses === true
    ? port.addresses.flatMap((address) => keptFromOthers(network, port, address))
    : [];
}

/** The port itself, and who may use its address by a pair, have flows that go before these. */
function keptFromOthers(network: PlannedNetwork, port: PlannedPort, address: Ip): PlannedFlow[] {
  const why = `port ${port.id} has ${address}, and nobody else may use it`;
  const refuse = (table: typeof portSecurity | typeof neighbourSecurity, match: Match): PlannedFlow =>
    plannedFlow({
      table,
      priority: priority.others,
      match: { [registers.network.field]: network.tunnelKey, ...match },
      goto: "refused",
      feature: name,
      owner: `port ${port.id}`,
      why,
    });
  if (isIpv4(address))
    return [
      refuse(portSecurity, { ethType: etherType.arp, arpSpa: address }),
      refuse(portSecurity, { ethType: etherType.ipv4, ipv4Src: address }),
    ];
  const advertisement = { ipProto: ipProto.icmpv6, icmpv6Type: icmpv6Type.neighbourAdvertisement, ndTarget: address };
  return [
    refuse(portSecurity, { ethType: etherType.ipv6, ipv6Src: address }),
    refuse(neighbourSecurity, { ethType: etherType.ipv6, ...advertisement }),
  ];
}
