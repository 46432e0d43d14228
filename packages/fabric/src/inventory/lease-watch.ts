/**
 * Follows what guests and DHCP servers say to each other (RFC 2131), as far as it tells which address a guest has:
 *
 *     guest: DISCOVER, REQUEST ─► its transaction id is remembered ─► server: ACK with that id ─► the guest has the address
 *                                                                     server: NAK with that id ─► it has it no more
 *     guest: RELEASE, DECLINE  ─► it has it no more
 *
 * An answer that the port has not asked for is nothing. No guest can forge one: port security lets no guest be a server.
 */
import type { Clock, Ipv4, Uuid } from "@loomstack/core";
import { ipv4FromBytes } from "../packets/ipv4-frame.ts";
import { viewOf } from "../packets/ipv6-frame.ts";
import { type DhcpMessage, messageType, operation } from "../services/dhcpv4/message.ts";
import { optionCode } from "../services/dhcpv4/options.ts";
import { isHostIpv4 } from "./shown-addresses.ts";

/** What a message comes to. */
export type LeaseNews =
  | { readonly kind: "given"; readonly address: Ipv4; readonly expiresAtMs: number | null }
  /** The server says no: the port's lease counts no more. */
  | { readonly kind: "refused" }
  | { readonly kind: "given-back"; readonly address: Ipv4 };

/** How long a server may take to answer. Clients ask again before that (RFC 2131, 4.1). */
const patienceMs = 60_000;
/** How many ports' questions are remembered. */
const mostAsked = 10_000;
const endless = 0xffff_ffff;

export class LeaseWatch {
  readonly #clock: Clock;
  /** By port, the oldest first. */
  readonly #asked = new Map<Uuid, { readonly transactionId: number; readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A port's guest has sent a message to a server. */
  heardGuest(
    port: Uuid,
    { operation: kind, options, transactionId, clientAddress }: DhcpMessage,
  ): LeaseNews | undefined {
    if (kind !== operation.request) return undefined;
    const [type] = options.get(optionCode.messageType) ?? [];
    if (type === messageType.discover || type === messageType.request) {
      this.#asked.delete(port);
      this.#asked.set(port, { transactionId, atMs: this.#clock.now() });
      const [oldest] = this.#asked.keys();
      if (this.#asked.size > mostAsked && oldest !== undefined) this.#asked.delete(oldest);
    }
    const declined = type === messageType.decline ? ipv4FromBytes(options.get(optionCode.requestedAddress)) : undefined;
    const address = type === messageType.release ? clientAddress : declined;
    return address && { kind: "given-back", address };
  }

  /** A server has sent a message to a port's guest. */
  heardServer(
    port: Uuid,
    { operation: kind, options, transactionId, yourAddress }: DhcpMessage,
  ): LeaseNews | undefined {
    const asked = this.#asked.get(port);
    const [type] = options.get(optionCode.messageType) ?? [];
    if (kind !== operation.reply || (type !== messageType.ack && type !== messageType.nak)) return undefined;
    const nowMs = this.#clock.now();
    if (asked?.transactionId !== transactionId || nowMs - asked.atMs > patienceMs) return undefined;
    this.#asked.delete(port);
    if (type === messageType.nak) return { kind: "refused" };
    const lease = options.get(optionCode.leaseTime);
    if (lease?.length !== 4 || !isHostIpv4(yourAddress)) return undefined;
    const leaseSec = viewOf(lease).getUint32(0);
    return {
      kind: "given",
      address: yourAddress,
      expiresAtMs: leaseSec === endless ? null : nowMs + leaseSec * 1_000,
    };
  }
}
