/** Reads advertisements, as a guest does: only tests have to. */
import { decodeIcmpv6 } from "../../packets/icmpv6.ts";
import { decodeIpv6Frame, type Ipv6Frame, ipv6FromBytes, viewOf } from "../../packets/ipv6-frame.ts";
import { decodeNdOptions, ndOptionType } from "./nd-options.ts";

export interface ReadAdvertisement {
  readonly frame: Ipv6Frame;
  readonly flags: number;
  readonly routerLifetimeSec: number;
  readonly mtu: number | undefined;
  /** `address/length flags valid preferred` */
  readonly prefixes: readonly string[];
  /** `lifetime address…` */
  readonly nameservers: readonly string[];
  /** `lifetime hex` */
  readonly searchLists: readonly string[];
}

/** Undefined when the frame is no advertisement, or one that a guest drops (RFC 4861, 6.1.2). */
export function readAdvertisement(bytes: Uint8Array): ReadAdvertisement | undefined {
  const frame = decodeIpv6Frame(bytes);
  const message = frame && decodeIcmpv6(frame);
  if (frame === undefined || message?.type !== 134 || message.code !== 0 || frame.hopLimit !== 255) return undefined;
  const options = decodeNdOptions(message.body.subarray(12));
  if (options === undefined) return undefined;
  const bodies = (wanted: number) =>
    options.filter(({ type }) => type === wanted).map(({ body }) => ({ body, view: viewOf(body) }));
  return {
    frame,
    flags: message.body[1] ?? 0,
    routerLifetimeSec: viewOf(message.body).getUint16(2),
    mtu: bodies(ndOptionType.mtu)[0]?.view.getUint32(2),
    prefixes: bodies(ndOptionType.prefixInformation).map(
      ({ body, view }) =>
        `${ipv6FromBytes(body.subarray(14))}/${view.getUint8(0)} ${view.getUint8(1).toString(16)} ${view.getUint32(2)} ${view.getUint32(6)}`,
    ),
    nameservers: bodies(ndOptionType.recursiveDnsServer).map(({ body, view }) => {
      const addresses = Array.from({ length: (body.length - 6) / 16 }, (_, index) =>
        ipv6FromBytes(body.subarray(6 + 16 * index)),
      );
      return [view.getUint32(2), ...addresses].join(" ");
    }),
    searchLists: bodies(ndOptionType.dnsSearchList).map(
      ({ body, view }) => `${view.getUint32(2)} ${Buffer.from(body.subarray(6)).toString("hex")}`,
    ),
  };
}
