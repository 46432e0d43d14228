import type { Port } from "@loomstack/model";

/** The name of a port inside the domain of its network: its first address, as Neutron names ports without a name. */
export function hostNameOf({ fixedIps: [first] }: Pick<Port, "fixedIps">): string | undefined {
  return first && `host-${first.ipAddress.replaceAll(/[.:]+/g, "-")}`;
}
