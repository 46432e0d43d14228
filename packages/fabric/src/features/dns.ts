import type { Match } from "@loomstack/openflow";
import type { PlannedNetwork } from "../compile/plan.ts";
import type { PlannedFlow } from "../pipeline/planned-flow.ts";
import { registers } from "../pipeline/registers.ts";
import { networkServer } from "../services/network-server.ts";
import { virtualRouter } from "../services/virtual-router.ts";
import type { Feature } from "./feature.ts";
import { etherType, ipProto } from "../packets/protocol-numbers.ts";
import { shown } from "./services.ts";

const name = "dns";
const port = 53;

export const dns: Feature = {
  name,
  doc: "Names are asked of the network's own addresses, which answer those of its ports; questions to any other resolver go their way.",
  network: (_, network, { services }) => [
    ...(services.dhcp ? [asked(network, { ethType: etherType.ipv4, ipv4Dst: networkServer.address })] : []),
    ...(services.routerAdvertisements
      ? [asked(network, { ethType: etherType.ipv6, ipv6Dst: virtualRouter.address })]
      : []),
  ],
};

function asked(network: PlannedNetwork, resolver: Match): PlannedFlow {
  return shown({
    match: { [registers.network.field]: network.tunnelKey, ...resolver, ipProto: ipProto.udp, udpDst: port },
    feature: name,
    owner: `network ${network.id}`,
    why: "the network itself knows the names of its ports",
  });
}
