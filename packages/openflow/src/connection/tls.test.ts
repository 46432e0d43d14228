/** The listener with certificates, against real TLS clients. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { connect } from "node:tls";
import { promisify } from "node:util";
import { silentLogger, type TlsIdentity } from "@loomstack/core";
import { FakeClock } from "@loomstack/testkit";
import { expect, test } from "vitest";
import { decodeMessage } from "../of13/messages.ts";
import { listenForSwitches } from "./listener.ts";

const run = promisify(execFile);
const openssl = "/usr/bin/openssl";

/** A key and a certificate for it that it has signed itself. */
async function selfSigned(name: string): Promise<TlsIdentity> {
  const folder = await mkdtemp(path.join(tmpdir(), "loomstack-tls-"));
  const [keyFile, certificateFile] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  const kind = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
  ];
  await run(openssl, ["req", "-x509", ...kind, "-keyout", keyFile, "-out", certificateFile]);
  const [key, certificate] = await Promise.all([readFile(keyFile, "utf8"), readFile(certificateFile, "utf8")]);
  await rm(folder, { recursive: true });
  return { key, cert: certificate, ca: certificate };
}

/** What a client gets before its connection is closed or it has had a message. */
async function firstWord(port: number, client: Partial<TlsIdentity>): Promise<string> {
  const { key, cert } = client;
  const socket = connect({
    host: "127.0.0.1",
    port,
    rejectUnauthorized: false,
    ...(cert === undefined ? {} : { key, cert }),
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.on("data", (bytes: Buffer) => resolve(decodeMessage(bytes).message.kind));
  socket.on("error", () => resolve("refused"));
  socket.on("close", () => resolve("closed"));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

test.skipIf(!existsSync(openssl))("only a switch with a certificate of the authority is heard", async () => {
  const [ours, stranger] = [await selfSigned("ours"), await selfSigned("stranger")];
  const options = {
    host: "127.0.0.1",
    port: 0,
    clock: new FakeClock(),
    logger: silentLogger,
    onSwitch: () => undefined,
  };
  await using listener = await listenForSwitches({ ...options, tls: ours });
  expect(await firstWord(listener.port, ours)).toBe("hello");
  expect(await firstWord(listener.port, stranger)).toMatch(/refused|closed/);
  expect(await firstWord(listener.port, {})).toMatch(/refused|closed/);
  // Nor one that speaks OpenFlow without TLS, or goes away in between: others are served on.
  for (const end of ["end", "resetAndDestroy"] as const) {
    const plain = connectTcp(listener.port, "127.0.0.1");
    plain.on("error", () => undefined);
    plain.write(Uint8Array.of(4, 0, 0, 8, 0, 0, 0, 1));
    await once(plain, "connect");
    plain[end]();
    await once(plain, "close");
  }
  expect(await firstWord(listener.port, ours)).toBe("hello");
});

test("a listener that ends doesn't wait for those who are about to prove who they are", async () => {
  const tls = await selfSigned("controller");
  const accepted: string[] = [];
  const listener = await listenForSwitches({
    ...{ host: "127.0.0.1", port: 0, tls, clock: new FakeClock(), logger: silentLogger },
    onSwitch: ({ remoteAddress }) => accepted.push(remoteAddress),
  });
  const silent = connectTcp(listener.port, "127.0.0.1");
  await once(silent, "connect");
  const gone = once(silent, "close");
  silent.on("error", () => undefined).resume();
  // It is seen on both sides: whoever comes later has been served.
  expect(await firstWord(listener.port, tls)).toBe("hello");
  await listener[Symbol.asyncDispose]();
  await gone;
  expect(accepted).toEqual([]);
});
