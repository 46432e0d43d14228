/**
 * The signature of a request (CloudStack's ApiServer.verifyRequest): the parameters without the signature, sorted by
 * name, each as `name=URL-encoded value`, joined by `&`, all in lower case, HMAC-SHA1 with the secret key, Base64.
 *
 * Clients differ in how they sort and in which characters they leave as they are, so the spellings that are known are
 * tried in turn.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** The names as the client wrote them, with the decoded values. */
export type SignedParameters = readonly (readonly [name: string, value: string])[];

/** Java's URLEncoder with `%20` for a space: letters, digits and `.-*_` stay as they are. */
function javaEncoded(value: string): string {
  return encodeURIComponent(value).replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

const encodings: readonly ((value: string) => string)[] = [
  javaEncoded,
  // Go, Python 3.7 and newer: the tilde is unreserved (RFC 3986).
  (value) => javaEncoded(value).replaceAll("%7e", "~"),
  // libcloud leaves brackets too.
  (value) => javaEncoded(value).replaceAll("%7e", "~").replaceAll("%5B", "[").replaceAll("%5D", "]"),
  // Python's quote() without the asterisk.
  (value) => javaEncoded(value).replaceAll("%7e", "~").replaceAll("*", "%2a"),
];

const orders: readonly ((one: string, other: string) => number)[] = [
  compare,
  (one, other) => compare(one.toLowerCase(), other.toLowerCase()),
];

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The signature in the spelling that the documentation has. */
export function signatureOf(parameters: SignedParameters, secretKey: string): string {
  return digest(canonical(parameters, compare, javaEncoded), secretKey).toString("base64");
}

/**
 * Whether `signature` is that of the parameters in any spelling that is known. Takes the same time whether it is or
 * not.
 */
export function isSignedBy(parameters: SignedParameters, signature: string, secretKey: string): boolean {
  const given = Buffer.from(signature, "base64");
  let isSigned = false;
  for (const order of orders) {
    for (const encode of encodings) {
      const expected = digest(canonical(parameters, order, encode), secretKey);
      isSigned = (given.length === expected.length && timingSafeEqual(given, expected)) || isSigned;
    }
  }
  return isSigned;
}

function canonical(
  parameters: SignedParameters,
  order: (one: string, other: string) => number,
  encode: (value: string) => string,
): string {
  return parameters
    .filter(([name]) => name.toLowerCase() !== "signature")
    .toSorted(([one], [other]) => order(one, other))
    .map(([name, value]) => `${name}=${encode(value)}`)
    .join("&")
    .toLowerCase();
}

function digest(text: string, secretKey: string): Buffer {
  return createHmac("sha1", secretKey).update(text, "utf8").digest();
}
