/** The first release of Open vSwitch whose flows can write nd_reserved and nd_options_type (ovs-fields(7)). */
const first = { major: 2, minor: 11 };

/**
 * Whether Open vSwitch can make an advertisement of a neighbour solicitation, by the version that it calls itself
 * (`Open_vSwitch.ovs_version`). One that says nothing can't: what is sent to an older one is refused with all the rest.
 */
export function canAdvertiseNeighbours(ovsVersion: string | undefined): boolean {
  const [major = Number.NaN, minor = Number.NaN] = (ovsVersion ?? "").split(".").map(Number);
  return major > first.major || (major === first.major && minor >= first.minor);
}
