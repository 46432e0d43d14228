import {
  Reader,
  readVariant,
  tagOfVariant,
  type UnknownVariant,
  type Variants,
  writeVariant,
  written,
} from "@loomstack/wire";
import { headerSize, readHeader, writeMessage } from "../of13/header.ts";
import type { Envelope, Message, ReceivedMessage } from "../of13/messages.ts";
import { type OpenFlowVersion, unsayable, versionNumber } from "./version.ts";

/** The messages of one version, and what its multiparts can be. */
export interface Family<Input> {
  readonly version: OpenFlowVersion;
  readonly messages: Variants<unknown, Input>;
  readonly requests: { readonly kinds: ReadonlySet<string> };
  readonly replies: { readonly kinds: ReadonlySet<string> };
}

/** The bytes of a message. @throws OPENFLOW__UNSUPPORTED_BY_VERSION, WIRE__OUT_OF_RANGE */
export function encodeFamily<Input>(family: Family<Input>, message: Message, xid: number): Uint8Array {
  const { version, messages } = family;
  if (!isSayable(family, message)) throw unsayable(version, `the message ${nameOf(message)}`);
  const type = tagOfVariant(messages, message);
  return written("message", (writer) =>
    writeMessage(writer, { version: versionNumber(version), type, xid }, () => writeVariant(messages, writer, message)),
  );
}

/** The message in all of `bytes`. @throws WIRE__TRUNCATED, WIRE__TRAILING_BYTES, WIRE__MALFORMED */
export function decodeFamily<Value extends ReceivedMessage>(
  messages: Variants<Value, never>,
  bytes: Uint8Array,
): Envelope {
  const reader = new Reader(bytes, "message");
  const header = readHeader(reader);
  const message = reader.scoped(header.length - headerSize, () => readVariant(messages, reader, header.type));
  reader.expectEnd();
  return { ...header, message };
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
