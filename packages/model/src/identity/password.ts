import { type BinaryLike, randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** The parameters of scrypt (RFC 7914). They are stored with each hash, so they can be raised later. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB and about a fifth of a second on a server of today. */
const defaultCost: ScryptCost = { N: 2 ** 15, r: 8, p: 3 };

/** A hash to keep in place of the password: `scrypt$N$r$p$salt$key`, both in base64. */
export async function hashPassword(password: string, cost: ScryptCost = defaultCost): Promise<string> {
  const salt = randomBytes(16);
  return formatHash(cost, salt, await derive(password, salt, { ...cost, length: 32 }));
}

/** Whether `password` is the one that `hash` was made of. The time it takes doesn't depend on where they differ. */
export async function matchesHash(password: string, hash: string): Promise<boolean> {
  const [scheme, N, r, p, salt, key] = hash.split("$");
  if (scheme !== "scrypt" || salt === undefined || key === undefined) return false;
  const expected = Buffer.from(key, "base64");
  const options = { N: Number(N), r: Number(r), p: Number(p), length: expected.length };
  return timingSafeEqual(await derive(password, Buffer.from(salt, "base64"), options), expected);
}

/** A hash that no password has: checking a password against it takes as long as against a user's. */
export const nobodysHash = formatHash(defaultCost, Buffer.alloc(16), Buffer.alloc(32));

function formatHash({ N, r, p }: ScryptCost, salt: Buffer, key: Buffer): string {
  return ["scrypt", N, r, p, salt.toString("base64"), key.toString("base64")].join("$");
}

interface DeriveOptions extends ScryptCost {
  /** Bytes of the key. */
  readonly length: number;
}

function derive(password: string, salt: BinaryLike, { N, r, p, length }: DeriveOptions): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(password, salt, length, { N, r, p, maxmem: 256 * r * (N + p + 2) }, (error, key) => {
    if (error) reject(error);
    else resolve(key);
  });
  return promise;
}
