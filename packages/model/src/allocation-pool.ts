/** The addresses of a subnet that are given to ports which don't ask for one: Neutron's `allocation_pools`. */
import {
  type Ip,
  ipVersionOf,
  LoomstackError,
  parsePrefix,
  type Prefix,
  prefixAddress,
  prefixContains,
  prefixOffset,
} from "@loomstack/core";
import { hostNumbers, whyNoHostAddress } from "./host-address.ts";
import type { Subnet } from "./subnet.ts";

/** From the first address to the last, both of them among it. */
export interface AllocationPool {
  readonly start: Ip;
  readonly end: Ip;
}

/** How many a subnet may have. */
export const allocationPoolLimit = 64;

/** A pool as numbers, counted from the prefix's first address. */
export interface PoolNumbers {
  readonly first: bigint;
  readonly last: bigint;
}

/** The pools of a subnet in the order of their addresses; where none were named, all that hosts can have but the gateway. */
export function allocationPools(subnet: Pick<Subnet, "cidr" | "gatewayIp" | "allocationPools">): AllocationPool[] {
  const prefix = parsePrefix(subnet.cidr);
  return poolNumbers(subnet, prefix).map(({ first, last }) => ({
    start: prefixAddress(prefix, first),
    end: prefixAddress(prefix, last),
  }));
}

/** As `allocationPools`, in numbers. */
export function poolNumbers(
  { gatewayIp, allocationPools: named }: Pick<Subnet, "gatewayIp" | "allocationPools">,
  prefix: Prefix,
): PoolNumbers[] {
  if (named.length > 0)
    return named
      .map(({ start, end }) => ({ first: prefixOffset(prefix, start), last: prefixOffset(prefix, end) }))
      .sort((one, other) => (one.first < other.first ? -1 : 1));
  const { first, last } = hostNumbers(prefix);
  const gateway = gatewayIp !== null && prefixContains(prefix, gatewayIp) ? prefixOffset(prefix, gatewayIp) : last + 1n;
  return [
    { first, last: gateway - 1n },
    { first: gateway + 1n, last },
  ].filter((pool) => pool.first <= pool.last);
}

/**
 * As Neutron has it: each of addresses that hosts can have, none twice, and the gateway in none of them.
 *
 * @throws MODEL__INVALID_ALLOCATION_POOL; MODEL__GATEWAY_IN_ALLOCATION_POOL
 */
export function checkAllocationPools(subnet: Subnet, prefix: Prefix): void {
  const { allocationPools: named, gatewayIp } = subnet;
  for (const [index, pool] of named.entries()) {
    const reason = whyNot(prefix, pool, named.slice(0, index));
    const context = { pool: `${pool.start}-${pool.end}`, subnet: subnet.id };
    if (reason !== undefined) throw new LoomstackError("MODEL__INVALID_ALLOCATION_POOL", { ...context, reason });
    if (gatewayIp !== null && prefixContains(prefix, gatewayIp) && contains(prefix, pool, gatewayIp))
      throw new LoomstackError("MODEL__GATEWAY_IN_ALLOCATION_POOL", { ...context, gateway: gatewayIp });
  }
}

function whyNot(prefix: Prefix, pool: AllocationPool, others: readonly AllocationPool[]): string | undefined {
  const { start, end } = pool;
  if (others.length >= allocationPoolLimit) return `more than ${allocationPoolLimit} are too many`;
  for (const address of [start, end]) {
    if (ipVersionOf(address) !== ipVersionOf(prefix.network)) return `${address} is of another version of IP`;
    const reason = whyNoHostAddress(prefix, address);
    if (reason !== undefined) return `${address} can't be a port's: ${reason}`;
  }
  if (prefixOffset(prefix, start) > prefixOffset(prefix, end)) return "its end is before its start";
  // The search for a free address counts in numbers that are exact.
  if (prefixOffset(prefix, start) > BigInt(Number.MAX_SAFE_INTEGER))
    return "it starts more than 2^53 addresses after the first of the subnet";
  const overlapping = others.find(
    (other) => contains(prefix, other, start) || contains(prefix, other, end) || contains(prefix, pool, other.start),
  );
  return overlapping && `it overlaps ${overlapping.start}-${overlapping.end}`;
}

function contains(prefix: Prefix, { start, end }: AllocationPool, address: Ip): boolean {
  const number = prefixOffset(prefix, address);
  return prefixOffset(prefix, start) <= number && number <= prefixOffset(prefix, end);
}
