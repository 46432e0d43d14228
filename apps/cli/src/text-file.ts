import { readFile } from "node:fs/promises";
import { LoomstackError, messageOf } from "@loomstack/core";

/** What a file holds, in UTF-8. @throws CLI__FILE_UNREADABLE */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new LoomstackError("CLI__FILE_UNREADABLE", { file, reason: messageOf(error) }, { cause: error });
  }
}
