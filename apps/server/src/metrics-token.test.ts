import { chmod, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { readMetricsToken } from "./metrics-token.ts";

test("the token is the line of its file, and no file is no token", async () => {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), "loomstack-token-"));
  const tokenFile = path.join(folder.path, "token");
  await writeFile(tokenFile, "c2VjcmV0IHNlY3JldCE=\n", { mode: 0o640 });
  expect(await readMetricsToken({ tokenFile })).toBe("c2VjcmV0IHNlY3JldCE=");
  expect(await readMetricsToken({})).toBeUndefined();
});

test.each(["", "short\n", "two lines of text\nthat are long enough\n", "with a blank in the middle\n"])(
  "a file with %j is refused, and what it holds isn't told",
  async (text) => {
    await using folder = await mkdtempDisposable(path.join(tmpdir(), "loomstack-token-"));
    const tokenFile = path.join(folder.path, "token");
    await writeFile(tokenFile, text, { mode: 0o600 });
    const refused = expect(readMetricsToken({ tokenFile })).rejects;
    await refused.toMatchObject({ code: "CONFIG__TOKEN_UNUSABLE", context: { file: tokenFile } });
  },
);

test("a file that anybody can read, or that isn't there, is named", async () => {
  await using folder = await mkdtempDisposable(path.join(tmpdir(), "loomstack-token-"));
  const tokenFile = path.join(folder.path, "token");
  await expect(readMetricsToken({ tokenFile })).rejects.toMatchObject({ code: "CONFIG__UNREADABLE" });
  await writeFile(tokenFile, "0123456789abcdef");
  await chmod(tokenFile, 0o644);
  await expect(readMetricsToken({ tokenFile })).rejects.toMatchObject({ code: "CONFIG__TOKEN_UNUSABLE" });
});
