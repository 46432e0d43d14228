import type { Feature } from "./feature.ts";
import { etherType, ipProto } from "../packets/protocol-numbers.ts";
import { shown } from "./services.ts";

const name = "dhcp";
const client = 68;
const server = 67;

export const dhcp: Feature = {
  name,
  doc: "What a port whose subnet has DHCP asks of any DHCP server, by broadcast or not, the network itself answers.",
  localPort: (_hypervisor, _network, port) =>
    port.hasDhcp !== true
      ? []
      : [
          shown({
            match: {
              ...{ inPort: port.ofPort, ethSrc: port.mac, ethType: etherType.ipv4, ipProto: ipProto.udp },
              ...{ udpSrc: client, udpDst: server },
            },
            feature: name,
            owner: `port ${port.id}`,
            why: "the port's subnet has DHCP, which the controller answers",
          }),
        ],
};
