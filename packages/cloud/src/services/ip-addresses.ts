import {
  type Cidr,
  cidrAddress,
  cidrContains,
  cidrSize,
  formatCidr,
  type Ipv4,
  LoomstackError,
  type Mac,
  parseCidr,
  parseIpv4,
  randomMac,
  type RandomBytes,
} from "@loomstack/core";
import { freeAddress, type GuestNetwork, macIsTaken, type Tx } from "@loomstack/model";

const macAttempts = 16;

/**
 * The address asked for, or the lowest free one of the network.
 *
 * @throws CLOUD__INVALID_ADDRESS, CLOUD__ADDRESSES_EXHAUSTED. Whether an address asked for is free is for the store to
 * say.
 */
export async function addressFor(tx: Tx, network: GuestNetwork, requested: string | undefined): Promise<Ipv4> {
  const cidr = parseCidr(network.cidr);
  if (requested === undefined) return freeAddress(tx.db, network.id, cidr, network.gateway);
  const address = parseIpv4(requested);
  const problem = problemOf(cidr, network, address);
  if (problem !== undefined)
    throw new LoomstackError("CLOUD__INVALID_ADDRESS", {
      address,
      network: network.name,
      cidr: formatCidr(cidr),
      reason: problem,
    });
  return address;
}

function problemOf(cidr: Cidr, network: GuestNetwork, address: Ipv4): string | undefined {
  if (!cidrContains(cidr, address)) return "it isn't in the network's prefix";
  if (address === network.gateway) return "it is the gateway's";
  if (address === cidr.network) return "it is the prefix itself";
  return address === cidrAddress(cidr, cidrSize(cidr) - 1) ? "it is the broadcast address" : undefined;
}

/** A random MAC address that no NIC has. @throws CLOUD__MACS_EXHAUSTED */
export async function freeMac(tx: Tx, random: RandomBytes): Promise<Mac> {
  for (let attempt = 0; attempt < macAttempts; attempt += 1) {
    const mac = randomMac(random);
    if (!(await macIsTaken(tx.db, mac))) return mac;
  }
  throw new LoomstackError("CLOUD__MACS_EXHAUSTED", { attempts: macAttempts });
}
