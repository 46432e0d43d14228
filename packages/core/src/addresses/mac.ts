import { LoomstackError } from "../errors/error.ts";
import type { Brand } from "../ids.ts";

/** A MAC address in lower case, colon-separated: `52:54:00:12:34:56`. */
export type Mac = Brand<string, "Mac">;

const macPattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** Reads a MAC address in any case, separated by colons or hyphens. @throws CORE__INVALID_MAC */
export function parseMac(text: string): Mac {
  const canonical = text.toLowerCase().replaceAll("-", ":");
  if (!macPattern.test(canonical)) throw new LoomstackError("CORE__INVALID_MAC", { value: text });
  return canonical as Mac;
}

/** Whether the group bit is set (IEEE 802: multicast and broadcast); such an address can't be a port's own. */
export function isGroupMac(mac: Mac): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

export function macToBytes(mac: Mac): Uint8Array {
  return Uint8Array.from(mac.split(":"), (octet) => Number.parseInt(octet, 16));
}

export function macFromBytes(bytes: Uint8Array): Mac {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":") as Mac;
}
