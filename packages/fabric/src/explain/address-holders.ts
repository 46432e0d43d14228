/** Who has an address in a network, as far as intent says. */
import { type Ip, isIpv6, isSingleAddress, linkLocalOf, type Mac, type Uuid } from "@loomstack/core";
import type { Intent, Port } from "@loomstack/model";

export interface Holder {
  readonly port: Port;
  /** Under which it has the address. */
  readonly mac: Mac;
}

/** The addresses that a port was given, or else those that were learnt of it. */
export function addressesOf(intent: Intent, port: Port): readonly Ip[] {
  const given = port.fixedIps.map(({ ipAddress }) => ipAddress);
  if (given.length > 0) return given;
  return intent.learntAddresses.get(port.id)?.addresses.map(({ address }) => address) ?? [];
}

/**
 * The port that has the address; where none has it, all to which it is allowed (`allowed_address_pairs`): several, where
 * it moves between them.
 */
export function holdersOf(intent: Intent, network: Uuid, address: Ip): readonly Holder[] {
  const ports = portsOf(intent, network);
  const own = ports.find((port) => hasAddress(intent, port, address));
  if (own !== undefined) return [{ port: own, mac: own.macAddress }];
  return ports.flatMap((port) => {
    const pair = port.allowedAddressPairs.find(({ prefix }) => isSingleAddress(prefix) && prefix.network === address);
    return pair === undefined ? [] : [{ port, mac: pair.macAddress ?? port.macAddress }];
  });
}

/** The port that has the MAC address, or all to which it is allowed. */
export function holdersOfMac(intent: Intent, network: Uuid, mac: Mac): readonly Port[] {
  const ports = portsOf(intent, network);
  const own = ports.filter(({ macAddress }) => macAddress === mac);
  if (own.length > 0) return own;
  return ports.filter(({ allowedAddressPairs }) => allowedAddressPairs.some(({ macAddress }) => macAddress === mac));
}

function hasAddress(intent: Intent, port: Port, address: Ip): boolean {
  return addressesOf(intent, port).includes(address) || (isIpv6(address) && linkLocalOf(port.macAddress) === address);
}

function portsOf(intent: Intent, network: Uuid): readonly Port[] {
  return [...(intent.portsByNetwork.get(network) ?? [])].flatMap((id) => intent.ports.get(id) ?? []);
}
