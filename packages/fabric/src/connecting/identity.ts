import type { Node } from "@loomstack/model";

/** What a connection shows of the hypervisor at its other end. */
export interface Shown {
  readonly systemId: string | undefined;
  /** The subject of its certificate, where TLS is spoken. */
  readonly certificate: string | undefined;
}

/** Whether a text can be an identity: it is shown to people, and written in paths. */
export function isSystemId(text: string): boolean {
  return /^[^\p{C}\s]{1,255}$/u.test(text);
}

/** Why a database has no identity that counts. */
export function lackOfIdentity(systemId: string | undefined): string | undefined {
  if (systemId === undefined) return "its database has no Open_vSwitch row: is ovs-vswitchd set up (ovs-vsctl init)?";
  if (!isSystemId(systemId)) return "its system-id is empty, longer than 255 characters, or has blanks in it";
  return undefined;
}

/**
 * Why a hypervisor doesn't show the certificate that it has to: the subject of the first one that it showed, or the one
 * that an administrator has named. Certificates may be renewed, and addresses change; subjects stay.
 */
export function wrongCertificate(node: Node | undefined, { certificate }: Shown): string | undefined {
  // In the clear nobody can show any.
  if (node === undefined || node.certificate === null || certificate === undefined) return undefined;
  if (node.certificate === certificate) return undefined;
  return `its certificate is that of "${certificate}", and hypervisor ${node.systemId} has that of "${node.certificate}"; if it has got another one: ${acceptCommand(node.systemId, certificate)}`;
}

/** What an administrator types to accept a hypervisor that dials in. */
export function acceptCommand(systemId: string, certificate?: string): string {
  const option = certificate === undefined ? "" : ` --certificate ${quoted(certificate)}`;
  return `loomstack hypervisors accept ${quoted(systemId)}${option}`;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w.@:/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
