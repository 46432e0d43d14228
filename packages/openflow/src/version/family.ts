import { formOfVariant, reading, readVariant, type UnknownVariant, type Variants, written } from "@loomstack/wire";
import { readMessage, writeMessage } from "../of13/header.ts";
import type { Envelope, Message, ReceivedMessage } from "../of13/messages.ts";
import { type OpenFlowVersion, unsayable, versionNumber } from "./version.ts";

/** The messages of one version, and what its multiparts can be. */
export interface Family<Input> {
  readonly version: OpenFlowVersion;
  readonly messages: Variants<unknown, Input>;
  readonly requests: { readonly kinds: ReadonlySet<string> };
  readonly replies: { readonly kinds: ReadonlySet<string> };
}

/**
 * The bytes of a message.
 *
 * @param inVersion the message in the words that the version has for it
 * @throws OPENFLOW__UNSUPPORTED_BY_VERSION, WIRE__OUT_OF_RANGE, WIRE__WRONG_TYPE
 */
export function encodeFamily<Input>(
  family: Family<Input>,
  message: Message,
  xid: number,
  inVersion: (message: Message) => Message,
): Uint8Array {
  const { version, messages } = family;
  return written("message", (writer) => {
    const said = inVersion(message);
    if (!isSayable(family, said)) throw unsayable(version, `the message ${nameOf(said)}`);
    writeMessage(writer, { version: versionNumber(version), xid }, formOfVariant(messages, said), said);
  });
}

/** The message in all of `bytes`. @throws WIRE__TRUNCATED, WIRE__TRAILING_BYTES, WIRE__MALFORMED */
export function decodeFamily<Value extends ReceivedMessage>(
  messages: Variants<Value, never>,
  bytes: Uint8Array,
): Envelope {
  return reading(bytes, "message", (reader) => readMessage(reader, (_, type) => readVariant(messages, reader, type)));
}

// A family's input is that of the vocabulary, for the kinds that it has: the compiler checks the other direction only.
function isSayable<Input>(family: Family<Input>, message: Message): message is Message & (Input | UnknownVariant) {
  const { kind } = message;
  if (kind === "unknown") return true;
  if (!family.messages.kinds.has(kind)) return false;
  if (kind === "multipartRequest") return isKnown(family.requests.kinds, message.body.kind);
  return kind !== "multipartReply" || isKnown(family.replies.kinds, message.body.kind);
}

function isKnown(kinds: ReadonlySet<string>, kind: string): boolean {
  return kind === "unknown" || kinds.has(kind);
}

function nameOf(message: Message): string {
  const { kind } = message;
  return kind === "multipartRequest" || kind === "multipartReply" ? `${kind} (${message.body.kind})` : kind;
}
