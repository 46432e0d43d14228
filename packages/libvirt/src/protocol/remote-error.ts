import { i32, struct, type ValueOf } from "@loomstack/wire";
import { optional } from "../xdr/optional.ts";
import { uuid } from "../xdr/uuid.ts";
import { DomainRef, Text } from "./domain.ts";

/** Why a call was refused (remote_protocol.x, remote_error; virterror.h explains the fields). */
export const RemoteError = struct({
  code: i32,
  source: i32,
  message: optional(Text),
  level: i32,
  domain: optional(DomainRef),
  text1: optional(Text),
  text2: optional(Text),
  text3: optional(Text),
  number1: i32,
  number2: i32,
  network: optional(struct({ name: Text, uuid })),
});
export type RemoteError = ValueOf<typeof RemoteError>;

/** The error numbers that callers tell apart (virterror.h, virErrorNumber). */
export const libvirtErrorNumber = { noDomain: 42, operationInvalid: 55 } as const;

/** The parts of libvirt that errors come from (virterror.h, virErrorDomain), as far as they concern domains. */
const sources: Readonly<Record<number, string>> = {
  5: "XML",
  6: "domain calls",
  7: "RPC",
  9: "configuration files",
  10: "QEMU driver",
  13: "remote driver",
  19: "network driver",
  20: "domain configuration",
  24: "security driver",
  31: "CPU driver",
  42: "lock manager",
  44: "capabilities",
  45: "URI",
  46: "authentication",
  49: "device",
  54: "control groups",
  55: "access control",
  60: "polkit",
};

/** The part of libvirt that refused, in words. */
export function errorSource(error: RemoteError): string {
  return sources[error.source] ?? `part ${error.source}`;
}
