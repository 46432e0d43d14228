/** What the tests of learning share: guests that are dummy ports, and what was learnt of them. */
import type { Ip, Mac, Uuid } from "@loomstack/core";
import { createPort, listLearntAddresses } from "@loomstack/model";
import { type ControllerWorld, network } from "./controller-under-test.ts";

export interface LearningGuest {
  readonly id: Uuid;
  readonly device: string;
  readonly mac: Mac;
  readonly portSecurityEnabled?: boolean;
  /** Default: none. */
  readonly addresses?: readonly string[];
}

/** Makes the guest's port, plugs it in on the first hypervisor, and waits until it is ACTIVE. */
export async function plugGuest(world: ControllerWorld, guest: LearningGuest): Promise<void> {
  const { id, device, mac: macAddress, portSecurityEnabled = true, addresses = [] } = guest;
  const named = { name: "", tenantId: "", deviceId: "", deviceOwner: "", adminStateUp: true };
  const fixedIps = addresses.map((ipAddress) => ({ ipAddress: ipAddress as Ip }));
  await world.store.transact((tx) =>
    createPort(tx, { id, networkId: network, ...named, macAddress, fixedIps, portSecurityEnabled }),
  );
  await world.plug(world.host, device, id);
  await world.settled(id);
}

/** Lets a guest send a frame. */
export async function send(world: ControllerWorld, { device }: LearningGuest, frame: Uint8Array): Promise<void> {
  await world.host.appctl("netdev-dummy/receive", device, Buffer.from(frame).toString("hex"));
}

/** How many packets a guest was sent. */
export async function heard(world: ControllerWorld, { device }: LearningGuest): Promise<number> {
  return Number(/tx pkts=(\d+)/.exec(await world.host.ofctl("dump-ports", "br-int", device))?.[1]);
}

/** What was learnt of a guest: "10.0.0.5 arp". */
export async function learntOf(world: ControllerWorld, { id }: LearningGuest): Promise<readonly string[]> {
  const [learnt] = await listLearntAddresses(world.store.db, id);
  return (learnt?.addresses ?? []).map(({ address, source }) => `${address} ${source}`);
}
