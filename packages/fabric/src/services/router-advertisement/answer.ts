import type { Ipv6, Mac } from "@loomstack/core";
import { type Ipv6Frame, macOfMulticast } from "../../packets/ipv6-frame.ts";
import { allNodes } from "../ipv6-multicast.ts";
import { virtualRouter } from "../virtual-router.ts";
import { encodeRouterAdvertisement, type RouterAdvertisement } from "./router-advertisement.ts";
import { isRouterSolicitation } from "./router-solicitation.ts";

/**
 * The frames that answer a router solicitation: to the guest that asked, or to everyone behind its port while it has no
 * address (RFC 4861, 6.2.6). None when the frame is no such question.
 */
export function answerRouterSolicitation(frame: Ipv6Frame, advertisement: RouterAdvertisement): Uint8Array[] {
  if (!isRouterSolicitation(frame)) return [];
  const to = frame.src === "::" ? everyone : { mac: frame.ethSrc, address: frame.src };
  return encodeRouterAdvertisement(advertisement, { router: virtualRouter, to });
}

/** The frames of an advertisement that nobody asked for. */
export function unsolicitedAdvertisement(advertisement: RouterAdvertisement): Uint8Array[] {
  return encodeRouterAdvertisement(advertisement, { router: virtualRouter, to: everyone });
}

const everyone: { readonly mac: Mac; readonly address: Ipv6 } = { mac: macOfMulticast(allNodes), address: allNodes };
