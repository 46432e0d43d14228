/**
 * Messages as JSON documents, and back to the same bytes. A document has
 *
 * - `version`: "1.0", "1.3", "1.5", or the byte of a version that isn't spoken here,
 * - `xid`,
 * - `message`: the value, as plain-value.ts writes it; in the vocabulary of OpenFlow 1.3 whatever the version,
 * - `bytes`: all of the message, only where the value alone would be written otherwise (padding that isn't zero, names
 *   that aren't UTF-8).
 */
import { isLoomstackError, messageOf } from "@loomstack/core";
import { bytesToEnd, Reader, written } from "@loomstack/wire";
import { headerSize, readHeader, writeMessage } from "../of13/header.ts";
import { decodeMessage, encodeMessage, type Envelope, type Message, type ReceivedMessage } from "../of13/messages.ts";
import { dialectOf } from "../version/dialect.ts";
import { versionNumber, versionOf } from "../version/version.ts";
import { tracked } from "./last-read.ts";
import { lostPart } from "./lost-part.ts";
import { fromPlain, invalid, type PlainValue, toPlain } from "./plain-value.ts";

const helloType = 0;
const documentNames: ReadonlySet<string> = new Set(["version", "xid", "message", "bytes"]);

/**
 * The message in all of `bytes`, of whatever version: of one that isn't spoken here a hello is read, and the rest kept.
 *
 * @throws WIRE__TRUNCATED, WIRE__TRAILING_BYTES, WIRE__MALFORMED
 */
export function decodeAnyVersion(bytes: Uint8Array): Envelope {
  const version = versionOf(bytes[0] ?? 0);
  if (version !== undefined) return dialectOf(version).decode(bytes);
  const reader = new Reader(bytes, "message");
  const header = readHeader(reader);
  if (header.type === helloType) return decodeMessage(bytes);
  const body = reader.scoped(header.length - headerSize, () => reader.bytes(reader.remaining));
  reader.expectEnd();
  return { ...header, message: { kind: "unknown", type: header.type, bytes: body } };
}

/** The JSON document of the message in all of `bytes`, on one line. @throws as decodeAnyVersion */
export function messageToJson(bytes: Uint8Array): string {
  const { version, xid, message } = decodeAnyVersion(bytes);
  const document = { version: versionOf(version) ?? version, xid, message: toPlain(message) };
  const isWhole = isWrittenAs(bytes, { version, xid, message });
  return JSON.stringify(isWhole ? document : { ...document, bytes: toPlain(bytes) });
}

/**
 * The bytes of the message that a JSON document describes. What has a default may be left out.
 *
 * @throws OPENFLOW__INVALID_JSON with the path of what is wrong; WIRE__OUT_OF_RANGE, OPENFLOW__INVALID_MASK,
 *   OPENFLOW__UNKNOWN_FIELD, OPENFLOW__UNSUPPORTED_BY_VERSION
 */
export function messageFromJson(text: string): Uint8Array {
  const document = parseDocument(text);
  const version = readVersion(document["version"]);
  const { xid } = document;
  if (typeof xid !== "number") throw invalid("xid", "a number is expected");
  const message = fromPlain(document["message"], "message");
  if (!isTagged(message)) throw invalid("message", 'an object with a "kind" is expected');
  if (document["bytes"] !== undefined) return checkedBytes(document, { version, xid, message });
  const bytes = encodeChecked({ version, xid, message });
  const { message: found } = decodeWritten(bytes);
  const lost = found.kind === message.kind ? lostPart(message, found, "message") : undefined;
  if (lost === undefined) return bytes;
  const { path, writtenAs } = lost;
  const reason = `a ${message.kind} has no such part, or one of another type`;
  throw invalid(path, writtenAs === undefined ? reason : `it would be written as ${writtenAs}`);
}

interface Described {
  readonly version: number;
  readonly xid: number;
  readonly message: { readonly kind: string };
}

function parseDocument(text: string): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw invalid("", messageOf(error));
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw invalid("", "an object with version, xid and message is expected");
  }
  const strange = Object.keys(document).find((name) => !documentNames.has(name));
  if (strange !== undefined) throw invalid(strange, "only version, xid, message and bytes are expected here");
  return document as Readonly<Record<string, unknown>>;
}

function readVersion(given: unknown): number {
  if (given === "1.0" || given === "1.3" || given === "1.5") return versionNumber(given);
  if (typeof given === "number" && Number.isInteger(given) && given >= 0 && given <= 0xff) return given;
  throw invalid("version", '"1.0", "1.3", "1.5" or the number of another version is expected');
}

/** The bytes that a document has besides the value, which have to say the same. */
function checkedBytes(document: Readonly<Record<string, unknown>>, described: Described): Uint8Array {
  const bytes = fromPlain(document["bytes"], "bytes");
  if (!(bytes instanceof Uint8Array)) throw invalid("bytes", 'bytes are expected: "0x" and hexadecimal digits');
  const found = decodeWritten(bytes);
  const isSame =
    found.version === described.version &&
    found.xid === described.xid &&
    sorted(toPlain(found.message)) === sorted(toPlain(described.message));
  if (!isSame) throw invalid("bytes", "they don't say what the message says: leave them out to write the message");
  return bytes;
}

/** The bytes of a message, with the path of what can't be written whatever is wrong with it. */
function encodeChecked(described: Described): Uint8Array {
  try {
    return encodeAnyVersion(described);
  } catch (error) {
    if (!isLoomstackError(error, "WIRE__WRONG_TYPE")) throw error;
  }
  let last = "message";
  const message = tracked(described.message, "message", (path) => (last = path));
  try {
    return encodeAnyVersion({ ...described, message });
  } catch (error) {
    if (!isLoomstackError(error, "WIRE__WRONG_TYPE")) throw error;
    throw invalid(last, "it is missing or of another type (64-bit integers are strings of digits)");
  }
}

/** @throws WIRE__WRONG_TYPE for what JSON has brought that is of another type than the message's */
function encodeAnyVersion({ version, xid, message }: Described): Uint8Array {
  // The codecs' own type is checked by writing it and reading it again.
  const value = message as Message;
  const spoken = versionOf(version);
  if (spoken !== undefined) return dialectOf(spoken, { flowModTableId: true }).encode(value, xid);
  if (value.kind === "hello") {
    const bytes = encodeMessage(value, xid);
    bytes[0] = version;
    return bytes;
  }
  if (value.kind !== "unknown") throw invalid("version", `version ${version} isn't spoken here, but for its hello`);
  return written("message", (writer) =>
    writeMessage(writer, { version, xid }, { tag: value.type, writeBody: bytesToEnd.write }, value.bytes),
  );
}

function decodeWritten(bytes: Uint8Array): { version: number; xid: number; message: ReceivedMessage } {
  try {
    return decodeAnyVersion(bytes);
  } catch (error) {
    throw invalid("message", `what would be written can't be read again: ${messageOf(error)}`);
  }
}

function isWrittenAs(bytes: Uint8Array, described: Described): boolean {
  try {
    return Buffer.compare(encodeAnyVersion(described), bytes) === 0;
  } catch (error) {
    if (isLoomstackError(error)) return false;
    throw error;
  }
}

/** One text for equal values, whatever the order of their properties. */
function sorted(value: PlainValue): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
}

function isTagged(value: unknown): value is { readonly kind: string } {
  return typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string";
}
