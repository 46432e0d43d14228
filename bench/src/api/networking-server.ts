/** A server of the Networking API on which both sides do the same. */
import type { NetworkingClient } from "./networking-client.ts";

export interface NetworkingServer extends AsyncDisposable {
  readonly client: NetworkingClient;
  /** Has so many ports, spread over the networks and over devices as `deviceOf` says. */
  fill(networks: readonly string[], count: number): Promise<void>;
}

/** The project of all that is measured. */
export const project = "00000000000000000000000000000b0b";
const networkCount = 20;
const deviceCount = 500;

/** Of which device the port of that number is. */
export function deviceOf(number: number): string {
  return `device-${number % deviceCount}`;
}

/** The ports of one device that a server filled with `count` has. */
export function portsOfDevice(count: number, device: string): number {
  return Array.from({ length: count }, (_, number) => deviceOf(number)).filter((each) => each === device).length;
}

/** Makes networks with a subnet each, without quotas; gives their ids. */
export async function makeNetworks({ client }: NetworkingServer): Promise<string[]> {
  await client.call(200, "PUT", `/quotas/${project}`, { quota: { network: -1, subnet: -1, port: -1 } });
  const ids: string[] = [];
  for (let number = 0; number < networkCount; number += 1) {
    const wanted = { network: { name: `network-${number}`, project_id: project } };
    const { network } = (await client.call(201, "POST", "/networks", wanted)) as { network: { id: string } };
    const subnet = { network_id: network.id, ip_version: 4, cidr: `10.${number}.0.0/16`, project_id: project };
    await client.call(201, "POST", "/subnets", { subnet });
    ids.push(network.id);
  }
  return ids;
}
