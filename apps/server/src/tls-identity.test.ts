import { chmod, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { readTlsIdentity } from "./tls-identity.ts";

test("the private key is read where nobody else can read it, and refused where somebody can", async () => {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), "loomstack-tls-"));
  const file = async (name: string): Promise<string> => {
    const made = path.join(folder.path, name);
    await writeFile(made, name, { mode: 0o600 });
    return made;
  };
  const privateKey = await file("key");
  const files = { privateKey, certificate: await file("cert"), caCertificate: await file("ca") };
  expect(await readTlsIdentity(files)).toEqual({ key: "key", cert: "cert", ca: "ca" });
  for (const mode of [0o640, 0o604]) {
    await chmod(privateKey, mode);
    await expect(readTlsIdentity(files)).rejects.toMatchObject({ code: "CONFIG__KEY_EXPOSED" });
  }
});

test("a file that isn't there is named", async () => {
  const files = { privateKey: "/nowhere/key", certificate: "/nowhere/cert", caCertificate: "/nowhere/ca" };
  await expect(readTlsIdentity(files)).rejects.toMatchObject({
    code: "CONFIG__UNREADABLE",
    context: { file: "/nowhere/key" },
  });
});
