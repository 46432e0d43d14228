import { LoomstackError, messageOf } from "@loomstack/core";
import { bytesToEnd, type Codec, decode, encode, struct, type ValueOf } from "@loomstack/wire";
import { frame } from "./framing.ts";
import { keepaliveProgram, MessageHeader, remoteProgram } from "./header.ts";
import type { Procedure } from "./procedure.ts";
import { RemoteError } from "./remote-error.ts";

const Message = struct({ header: MessageHeader, payload: bytesToEnd });

/** What a daemon may say to us. */
export type Incoming =
  | { readonly kind: "reply"; readonly serial: number; readonly procedure: number; readonly payload: Uint8Array }
  | { readonly kind: "refusal"; readonly serial: number; readonly procedure: number; readonly error: RemoteError }
  | { readonly kind: "event"; readonly procedure: number; readonly payload: Uint8Array }
  | { readonly kind: "keepalive"; readonly procedure: number };

/**
 * Reads one message of a daemon.
 *
 * @param uri names the daemon in errors
 * @throws LIBVIRT__MALFORMED for what isn't a reply, an event or keepalive of the programs and versions that we speak
 */
export function readMessage(uri: string, bytes: Uint8Array): Incoming {
  const { header, payload } = readAs(uri, "message", Message, bytes);
  const { serial, procedure } = header;
  if (isOf(header, keepaliveProgram) && header.type === "message") return { kind: "keepalive", procedure };
  if (isOf(header, remoteProgram)) {
    if (header.type === "message") return { kind: "event", procedure, payload };
    if (header.type === "reply" && header.status === "ok") return { kind: "reply", serial, procedure, payload };
    if (header.type === "reply" && header.status === "error") {
      return { kind: "refusal", serial, procedure, error: readAs(uri, "error", RemoteError, payload) };
    }
  }
  const { program, version, type, status } = header;
  const origin = `program 0x${program.toString(16)}, version ${version}, procedure ${procedure}`;
  const reason = `a ${type} (status ${status}) of ${origin} was not asked for`;
  throw new LoomstackError("LIBVIRT__MALFORMED", { uri, reason });
}

/** Reads a payload. @param what names it in errors @throws LIBVIRT__MALFORMED */
export function readAs<Value>(uri: string, what: string, codec: Codec<Value, never>, bytes: Uint8Array): Value {
  try {
    return decode(codec, bytes, what);
  } catch (cause) {
    throw new LoomstackError("LIBVIRT__MALFORMED", { uri, reason: messageOf(cause) }, { cause });
  }
}

/** The arguments of a call. @throws WIRE__OUT_OF_RANGE */
export function encodeArguments<Input>(procedure: Procedure<Input, unknown>, args: Input): Uint8Array {
  return encode(procedure.args, args, procedure.name);
}

/** A call, ready to be sent. */
export function callMessage(procedure: number, serial: number, payload: Uint8Array): Uint8Array {
  return frame(
    encode(Message, { header: { ...remoteProgram, procedure, type: "call", serial, status: "ok" }, payload }),
  );
}

/** A keepalive message, ready to be sent (virkeepaliveprotocol.x). */
export function keepaliveMessage(kind: "ping" | "pong"): Uint8Array {
  const { program, version, [kind]: procedure } = keepaliveProgram;
  return frame(encode(MessageHeader, { program, version, procedure, type: "message", serial: 0, status: "ok" }));
}

function isOf(
  header: ValueOf<typeof MessageHeader>,
  { program, version }: { readonly program: number; readonly version: number },
): boolean {
  return header.program === program && header.version === version;
}
