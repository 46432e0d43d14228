/** How ports are found by their addresses: `?fixed_ips=subnet_id=…&fixed_ips=ip_address=…`. */
import { LoomstackError } from "@loomstack/core";
import type { Port, PortSearch } from "@loomstack/model";

const kinds = ["ip_address", "ip_address_substr", "subnet_id"] as const;
type Kind = (typeof kinds)[number];

/**
 * Whether one address of the port is all that is wanted: of what is named twice it has to be one.
 *
 * @throws NEUTRON__MALFORMED for anything but the kinds above
 */
export function hasAddress({ fixedIps }: Pick<Port, "fixedIps">, wanted: readonly string[]): boolean {
  const byKind = Map.groupBy(wanted.map(readWanted), ({ kind }) => kind);
  return fixedIps.some(({ subnetId, ipAddress }) =>
    [...byKind].every(([kind, list]) => list.some(({ value }) => fits(kind, value, subnetId, ipAddress))),
  );
}

/** What of that the store can find. @throws NEUTRON__MALFORMED as `hasAddress` */
export function addressSearch(wanted: readonly string[]): PortSearch["address"] {
  const byKind = Map.groupBy(wanted.map(readWanted), ({ kind }) => kind);
  const valuesOf = (kind: Kind): readonly string[] | undefined => byKind.get(kind)?.map(({ value }) => value);
  const [address, subnet] = [valuesOf("ip_address"), valuesOf("subnet_id")];
  return { ...(address && { address }), ...(subnet && { subnet_id: subnet }) };
}

function fits(kind: Kind, value: string, subnetId: string, ipAddress: string): boolean {
  if (kind === "subnet_id") return subnetId === value;
  return kind === "ip_address" ? ipAddress === value : ipAddress.includes(value);
}

function readWanted(text: string): { readonly kind: Kind; readonly value: string } {
  const [, name = "", value = ""] = /^([a-z_]+)=(.*)$/.exec(text) ?? [];
  const kind = kinds.find((known) => known === name);
  if (kind !== undefined) return { kind, value };
  throw new LoomstackError("NEUTRON__INVALID_ATTRIBUTE", {
    attribute: "fixed_ips",
    reason: `'${text}' has to be one of ${kinds.join(", ")}, then =, then a value`,
  });
}
