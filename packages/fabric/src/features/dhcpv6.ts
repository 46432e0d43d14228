import { registers } from "../pipeline/registers.ts";
import { allDhcpRelayAgentsAndServers } from "../services/ipv6-multicast.ts";
import type { Feature } from "./feature.ts";
import { etherType, ipProto } from "../packets/protocol-numbers.ts";
import { shown } from "./services.ts";

const name = "dhcpv6";
const serverPort = 547;

export const dhcpv6: Feature = {
  name,
  doc: "What DHCPv6 clients send to all servers is answered by the network where it has subnets with DHCPv6.",
  network: (_, network, { services }) =>
    services.dhcpv6
      ? [
          shown({
            match: {
              [registers.network.field]: network.tunnelKey,
              ethType: etherType.ipv6,
              ipProto: ipProto.udp,
              ipv6Dst: allDhcpRelayAgentsAndServers,
              udpDst: serverPort,
            },
            feature: name,
            owner: `network ${network.id}`,
            why: "the network gives IPv6 addresses and settings by DHCP",
          }),
        ]
      : [],
};
