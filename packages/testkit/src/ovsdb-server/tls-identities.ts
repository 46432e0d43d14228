import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TlsIdentity } from "@loomstack/core";

const run = promisify(execFile);

/** What one authority has signed. */
export interface TlsIdentities extends AsyncDisposable {
  /** The files of the server's identity, for `startOvsdbDaemon`. */
  readonly serverFiles: TlsIdentity;
  /** The client's identity as text, for `connectOvsdb`. */
  readonly client: TlsIdentity;
  /** Has the authority sign another server of that common name; gives its files. */
  issue(commonName: string): Promise<TlsIdentity>;
}

/** Makes an authority, and has it sign a server and a client. The files go when it is disposed of. */
export async function makeTlsIdentities(): Promise<TlsIdentities> {
  const folder = await mkdtemp(join(tmpdir(), "loomstack-tls-"));
  const file = (name: string): string => join(folder, name);
  await certify(["-subj", "/CN=authority"], file("ca"));
  const signed = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-addext", "basicConstraints=CA:FALSE"];
  for (const role of ["server", "client"]) await certify(["-subj", `/CN=${role} 7`, ...signed], file(role));
  const [key, cert, ca] = await Promise.all(
    ["client.key", "client.pem", "ca.pem"].map((name) => readFile(file(name), "utf8")),
  );
  let issued = 0;
  const issue = async (commonName: string): Promise<TlsIdentity> => {
    const path = file(`issued-${++issued}`);
    await certify(["-subj", `/CN=${commonName}`, ...signed], path);
    return { key: `${path}.key`, cert: `${path}.pem`, ca: file("ca.pem") };
  };
  return {
    issue,
    serverFiles: { key: file("server.key"), cert: file("server.pem"), ca: file("ca.pem") },
    client: { key: key ?? "", cert: cert ?? "", ca: ca ?? "" },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/** Makes a key and its certificate: `<path>.key` and `<path>.pem`. */
async function certify(traits: readonly string[], path: string): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${path}.key`];
  await run("openssl", ["req", "-x509", ...key, "-out", `${path}.pem`, "-days", "1", ...traits]);
}
