import { isLoomstackError, type Logger, messageOf } from "@loomstack/core";
import { findSwitch, registerSwitch, type Store } from "@loomstack/model";
import type { SwitchConnection } from "@loomstack/openflow";
import { dpidText } from "./datapath-id.ts";

/** Why a switch doesn't show the certificate that it has to. @param required its subject; undefined: any */
export function wrongCertificate(
  required: string | undefined,
  { dpid, remoteAddress, peerSubject }: Pick<SwitchConnection, "dpid" | "remoteAddress" | "peerSubject">,
): string | undefined {
  // In the clear nobody can show any.
  if (required === undefined || peerSubject === undefined || peerSubject === required) return undefined;
  const host = remoteAddress.replace(/:\d+$/, "");
  return `the switch at ${host} shows the certificate of "${peerSubject}", and ${dpidText(dpid)} has that of "${required}"; if it has got another one, add it again with that (loomstack switches add --certificate)`;
}

/** Keeps the first certificate that a switch has shown: it has to show that one from now on. Never rejects. */
export async function pinCertificate(store: Store, logger: Logger, dpid: string, subject: string): Promise<void> {
  try {
    await store.transact(async (tx) => {
      const known = await findSwitch(tx.db, dpid);
      if (known?.certificate === null) await registerSwitch(tx, dpid, { certificate: subject });
    });
  } catch (error) {
    const level = isLoomstackError(error, "MODEL__STORE_CLOSED") ? "debug" : "error";
    logger[level]({ switch: dpid, error: messageOf(error) }, "whose certificate it has could not be stored");
  }
}
