import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { InitialCredentials } from "@loomstack/model";

/**
 * Leaves the first administrator's credentials where root alone can read them, as `initial-administrator.json` in the
 * state folder. They are shown nowhere else; the file can be deleted once they are kept elsewhere.
 */
export async function leaveInitialAdministrator(stateFolder: string, credentials: InitialCredentials): Promise<string> {
  const file = path.join(stateFolder, "initial-administrator.json");
  await writeFile(file, `${JSON.stringify(credentials, undefined, 2)}\n`, { mode: 0o600, flag: "w" });
  return file;
}
