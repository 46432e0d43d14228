/** The names that ports and networks may have (RFC 1035, 2.3.1; RFC 1123, 2.1), in lower case and without a last dot. */
import { LoomstackError, type Uuid } from "@loomstack/core";

const label = /^(?!-)[a-z\d-]{1,63}(?<!-)$/;
/** So that a label and its dot fit before it in the 253 characters of a name (RFC 1035, 2.3.4). */
const longestDomain = 253 - 64;
/** How ports without a name are called: by their first address. */
const nameOfAddress = /^host-(\d{1,3}(-\d{1,3}){3}|[\da-f]{4}(--?[\da-f]{1,4}){0,7}-{0,2})$/;

/** Whether a label is as those that ports without a name are called by. */
export function isNameOfAddress(name: string): boolean {
  return nameOfAddress.test(name);
}

/** @throws MODEL__INVALID_DNS_NAME */
export function checkDnsName({ id, dnsName }: { readonly id: Uuid; readonly dnsName: string | null }): void {
  if (dnsName === null) return;
  const reason = isNameOfAddress(dnsName)
    ? "names like this are those of ports without one, by their first address"
    : label.test(dnsName)
      ? undefined
      : "it is one label, without the domain: 1 to 63 letters, digits and hyphens, no hyphen first or last (RFC 1123)";
  if (reason !== undefined) throw new LoomstackError("MODEL__INVALID_DNS_NAME", { name: dnsName, port: id, reason });
}

/** @throws MODEL__INVALID_DNS_DOMAIN */
export function checkDnsDomain({ id, dnsDomain }: { readonly id: Uuid; readonly dnsDomain: string | null }): void {
  if (dnsDomain === null) return;
  const labels = dnsDomain.split(".");
  const reason = !labels.every((one) => label.test(one))
    ? "its labels are 1 to 63 letters, digits and hyphens, no hyphen first or last (RFC 1123)"
    : dnsDomain.length > longestDomain
      ? `it has more than ${longestDomain} characters`
      : /^\d+$/.test(labels.at(-1) ?? "")
        ? "its last label is a number, as in an address"
        : labels.at(-1) === "arpa"
          ? "names of addresses are there"
          : undefined;
  if (reason !== undefined)
    throw new LoomstackError("MODEL__INVALID_DNS_DOMAIN", { domain: dnsDomain, network: id, reason });
}
