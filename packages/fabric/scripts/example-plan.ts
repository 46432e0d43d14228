import type { Ipv4, LocalVlan, Mac, OfPort, TunnelKey, Uuid } from "@loomstack/core";
import type { HypervisorPlan } from "../src/compile/plan.ts";

const uuid = (n: number): Uuid => `00000000-0000-4000-8000-00000000000${n}` as Uuid;

/**
 * The example of docs/pipeline.md: hypervisor 192.0.2.1 holds ports 1 and 2 of a network (port 2's addresses are not
 * known), hypervisor 192.0.2.2 port 3.
 */
export const examplePlan: HypervisorPlan = {
  patch: { onInt: 1 as OfPort, onTun: 1 as OfPort },
  tunnels: new Map([["vxlan", 2 as OfPort]]),
  peers: [{ key: "OVS/host-2", endpoint: "192.0.2.2" as Ipv4, encapsulations: ["vxlan"] }],
  networks: [
    {
      id: uuid(9),
      tunnelKey: 0x64 as TunnelKey,
      encapsulation: "vxlan",
      localVlan: 1 as LocalVlan,
      localPorts: [
        { id: uuid(1), mac: "02:00:00:00:00:01" as Mac, addresses: ["10.1.0.11" as Ipv4], ofPort: 11 as OfPort },
        { id: uuid(2), mac: "02:00:00:00:00:02" as Mac, addresses: [], ofPort: 12 as OfPort },
      ],
      remotePorts: [
        {
          id: uuid(3),
          mac: "02:00:00:00:00:03" as Mac,
          addresses: ["10.1.0.13" as Ipv4],
          endpoint: "192.0.2.2" as Ipv4,
        },
      ],
      remoteEndpoints: ["192.0.2.2" as Ipv4],
    },
  ],
};
