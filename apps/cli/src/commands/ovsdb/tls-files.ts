import type { TlsIdentity } from "@loomstack/ovsdb";
import { readText } from "../../text-file.ts";
import type { ServerOptions } from "./options.ts";

/** The identity for `ssl:`; undefined unless all three files are given. @throws CLI__FILE_UNREADABLE */
export async function readTlsFiles(options: ServerOptions): Promise<TlsIdentity | undefined> {
  const { privateKey, certificate, caCert } = options;
  if (privateKey === undefined || certificate === undefined || caCert === undefined) return undefined;
  return { key: await readText(privateKey), cert: await readText(certificate), ca: await readText(caCert) };
}
