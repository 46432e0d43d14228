/** The states of a domain, in the order of their numbers (libvirt-domain.h, virDomainState). */
const states = ["no state", "running", "blocked", "paused", "shutting down", "shut off", "crashed", "asleep"] as const;

export type LibvirtDomainState = (typeof states)[number];

/**
 * The state that a number of domainGetState or of the state statistics means; `no state` for one that a newer libvirt
 * may send.
 */
export function domainState(number: number): LibvirtDomainState {
  return states[number] ?? "no state";
}

/**
 * The reason that comes with `paused` while a domain is still being started (libvirt-domain.h, virDomainPausedReason).
 */
export const pausedWhileStarting = 11;
