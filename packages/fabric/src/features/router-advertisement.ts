import { registers } from "../pipeline/registers.ts";
import type { Feature } from "./feature.ts";
import { etherType, icmpv6Type, ipProto } from "../packets/protocol-numbers.ts";
import { shown } from "./services.ts";

const name = "router-advertisement";

export const routerAdvertisement: Feature = {
  name,
  doc: "Router solicitations are answered by the network where its IPv6 subnets say how guests configure themselves.",
  network: (_, network, { services }) =>
    services.routerAdvertisements
      ? [
          shown({
            match: {
              [registers.network.field]: network.tunnelKey,
              ethType: etherType.ipv6,
              ipProto: ipProto.icmpv6,
              icmpv6Type: icmpv6Type.routerSolicitation,
            },
            feature: name,
            owner: `network ${network.id}`,
            why: "the network says how guests get IPv6 addresses",
          }),
        ]
      : [],
};
