import { readFile, stat } from "node:fs/promises";
import { LoomstackError, messageOf } from "@loomstack/core";
import type { Config } from "./config.ts";

/** RFC 6750, 2.1: what may follow "Bearer "; shorter ones can be guessed. */
const tokenPattern = /^[\w.~+/-]{16,512}=*$/;

/**
 * What a monitoring system has to show to read metrics; undefined where there is no file for it.
 *
 * @throws CONFIG__UNREADABLE, CONFIG__TOKEN_UNUSABLE
 */
export async function readMetricsToken({ tokenFile: file }: Config["metrics"]): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const [{ mode }, text] = await Promise.all([stat(file), readFile(file, "utf8")]).catch((error: unknown) => {
    throw new LoomstackError("CONFIG__UNREADABLE", { file, reason: messageOf(error) }, { cause: error });
  });
  const token = text.replace(/\r?\n$/, "");
  if ((mode & 0o007) !== 0)
    throw new LoomstackError("CONFIG__TOKEN_UNUSABLE", { file, reason: "anybody can read it: chmod o= it" });
  if (!tokenPattern.test(token)) {
    const reason = "one line of 16 to 512 letters, digits and -._~+/ is expected: openssl rand -base64 32";
    throw new LoomstackError("CONFIG__TOKEN_UNUSABLE", { file, reason });
  }
  return token;
}
