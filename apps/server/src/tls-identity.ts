import { readFile, stat } from "node:fs/promises";
import { LoomstackError, messageOf, type TlsIdentity } from "@loomstack/core";
import type { Config } from "./config.ts";

/**
 * Reads who we are to hypervisors. The private key has to be for its owner's eyes alone.
 *
 * @throws CONFIG__KEY_EXPOSED, CONFIG__UNREADABLE
 */
export async function readTlsIdentity(files: NonNullable<Config["tls"]>): Promise<TlsIdentity> {
  const { privateKey: file } = files;
  const { mode } = await read(file, async (path) => stat(path));
  if ((mode & 0o077) !== 0) {
    throw new LoomstackError("CONFIG__KEY_EXPOSED", { file, mode: (mode & 0o777).toString(8).padStart(3, "0") });
  }
  const text = async (name: string): Promise<string> => read(name, async (path) => readFile(path, "utf8"));
  const [key, cert, ca] = await Promise.all([text(file), text(files.certificate), text(files.caCertificate)]);
  return { key, cert, ca };
}

async function read<T>(file: string, how: (file: string) => Promise<T>): Promise<T> {
  return how(file).catch((error: unknown) => {
    throw new LoomstackError("CONFIG__UNREADABLE", { file, reason: messageOf(error) }, { cause: error });
  });
}
