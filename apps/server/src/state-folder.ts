import { mkdir, stat } from "node:fs/promises";
import { LoomstackError, messageOf } from "@loomstack/core";

/**
 * Makes the state folder if there is none, for this process's user alone. The folder that it is in has to be there, so
 * that a misspelt path isn't made.
 *
 * @throws CONFIG__STATE_FOLDER_UNUSABLE
 */
export async function makeStateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const there = await stat(folder).catch(() => undefined);
    if (there?.isDirectory() === true) return;
    const reason = messageOf(error);
    throw new LoomstackError("CONFIG__STATE_FOLDER_UNUSABLE", { folder, reason }, { cause: error });
  }
}
