import { idOf } from "./cloudstack-client.ts";
import type { Zone } from "./steps/2-zone.ts";
import type { World } from "./story.ts";

/** A user makes a network 192.168.0.0/24 from the overlay's offering. @returns its id */
export async function makeNetwork({ cloud }: World, zone: Zone, name: string): Promise<string> {
  const answer = await cloud.call("createNetwork", {
    name,
    displaytext: name,
    networkofferingid: zone.networkOfferingId,
    zoneid: zone.zoneId,
    gateway: "192.168.0.1",
    netmask: "255.255.255.0",
  });
  return idOf(answer, "network");
}

/** The state that the cloud gives a network; undefined when it doesn't list it. */
export async function networkState({ cloud }: World, network: string): Promise<unknown> {
  const [listed] = await cloud.list("listNetworks", "network", { id: network });
  return listed?.["state"];
}
