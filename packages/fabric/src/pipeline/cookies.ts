/**
 * The cookie says whose a flow is: our prefix, then a hash of the owner (a port, network or hypervisor), the same after
 * every restart.
 *
 *      63          48 47                                      0
 *      | 0x4c53 "LS" |  FNV-1a of the owner, 48 bits           |
 */
const prefix = 0x4c53n << 48n;
const ownerMask = (1n << 48n) - 1n;

/** Selects the flows that carry our prefix, in a dump. */
export const ourCookies = { cookie: prefix, cookieMask: 0xffffn << 48n } as const;

export function cookieOf(owner: string): bigint {
  return prefix | (fnv1a64(owner) & ownerMask);
}

export function isOurCookie(cookie: bigint): boolean {
  return (cookie & ourCookies.cookieMask) === ourCookies.cookie;
}

function fnv1a64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text, "utf8")) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
