import { parseUuid, type Uuid } from "@loomstack/core";
import { bytes, type Codec, mapped } from "@loomstack/wire";

/** A UUID as sixteen bytes (remote_protocol.x, remote_uuid). */
export const uuid: Codec<Uuid> = mapped(bytes(16), {
  decode(value: Uint8Array) {
    const hex = Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return parseUuid(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"));
  },
  encode: (value: Uuid) =>
    Uint8Array.from(value.replaceAll("-", "").match(/../g) ?? [], (octet) => Number.parseInt(octet, 16)),
});
