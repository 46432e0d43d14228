import { registers } from "../pipeline/registers.ts";
import { networkServer } from "../services/network-server.ts";
import type { Feature } from "./feature.ts";
import { etherType, ipProto } from "../packets/protocol-numbers.ts";
import { shown } from "./services.ts";

const name = "dns";
const port = 53;

export const dns: Feature = {
  name,
  doc: "Names are asked of the network's own address, which answers those of its ports; questions to any other resolver go their way.",
  network: (_, network, { services }) =>
    services.dhcp
      ? [
          shown({
            match: {
              [registers.network.field]: network.tunnelKey,
              ...{ ethType: etherType.ipv4, ipProto: ipProto.udp, ipv4Dst: networkServer.address, udpDst: port },
            },
            feature: name,
            owner: `network ${network.id}`,
            why: "the network itself knows the names of its ports",
          }),
        ]
      : [],
};
