import { LoomstackError } from "./errors/error.ts";

declare const brand: unique symbol;

/** A `Base` that can't be mistaken for another `Base`: ids and addresses of different kinds don't mix. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** A UUID in its canonical lower-case text form (RFC 9562). */
export type Uuid = Brand<string, "Uuid">;
/** An OpenFlow datapath id, 64 bits. */
export type Dpid = Brand<bigint, "Dpid">;
/** An OpenFlow port number, 32 bits in OpenFlow 1.3. */
export type OfPort = Brand<number, "OfPort">;
/** The key that tells networks apart inside a tunnel: a VXLAN or Geneve VNI (24 bits) or a GRE key. */
export type TunnelKey = Brand<number, "TunnelKey">;
/** The VLAN id (1..4094) that carries a network across the patch between br-int and br-tun on one hypervisor. */
export type LocalVlan = Brand<number, "LocalVlan">;
/** Grows by one with each transaction of intent. */
export type Revision = Brand<number, "Revision">;

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(text: string): text is Uuid {
  return uuidPattern.test(text);
}

/** @throws CORE__INVALID_UUID */
export function parseUuid(text: string): Uuid {
  const lower = text.toLowerCase();
  if (!isUuid(lower)) throw new LoomstackError("CORE__INVALID_UUID", { value: text });
  return lower;
}
