/**
 * The cookie says whose a flow is: our prefix, then a hash of the owner (a port, network or hypervisor), the same after
 * every restart.
 *
 *      63          48 47                                      0
 *      | 0x4c53 "LS" |  FNV-1a of the owner, 48 bits           |
 */
const prefix = 0x4c53n << 48n;
/** "LA", of flows that a switch makes itself, by a learn action of ours: no dump of ours shows them. */
const learntPrefix = 0x4c41n << 48n;
const half = 1 << 24;

/** Selects the flows that carry our prefix, in a dump. */
export const ourCookies = { cookie: prefix, cookieMask: 0xffffn << 48n } as const;

/** Selects the flows of live traces, which are there for seconds and no part of what should be: "LT". */
export const watchCookies = { cookie: 0x4c54n << 48n, cookieMask: 0xffffn << 48n } as const;

export function cookieOf(owner: string): bigint {
  if (last.owner !== owner) last = { owner, cookie: prefix | fnv1a48(owner) };
  return last.cookie;
}

/** Flows are made owner by owner. */
let last: { readonly owner: string; readonly cookie: bigint } = { owner: "", cookie: prefix | fnv1a48("") };

/** The cookie of flows that a switch learns for an owner. */
export function learntCookieOf(owner: string): bigint {
  return learntPrefix | fnv1a48(owner);
}

/** Whether a switch has learnt the flow, as a flow of ours told it to. */
export function isLearntCookie(cookie: bigint): boolean {
  return (cookie & ourCookies.cookieMask) === learntPrefix;
}

export function isOurCookie(cookie: bigint): boolean {
  return (cookie & ourCookies.cookieMask) === ourCookies.cookie;
}

export function isWatchCookie(cookie: bigint): boolean {
  return (cookie & watchCookies.cookieMask) === watchCookies.cookie;
}

/**
 * FNV-1a of 64 bits, the lower 48 of it: they depend on no higher ones. In two halves of 24 bits, because each flow
 * needs one, and bigints are ten times slower. The prime is 2^40 + 0x1b3.
 */
function fnv1a48(text: string): bigint {
  let high = 0x9ce484;
  let low = 0x222325;
  for (const byte of Buffer.from(text, "utf8")) {
    low ^= byte;
    const product = low * 0x1b3;
    high = (high * 0x1b3 + Math.floor(product / half) + (low & 0xff) * 0x10000) % half;
    low = product % half;
  }
  return (BigInt(high) << 24n) | BigInt(low);
}
