import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { InitialCredentials } from "@loomstack/model";

/** Where the first administrator's credentials are left. */
export function initialAdministratorFile(stateFolder: string): string {
  return path.join(stateFolder, "initial-administrator.json");
}

/**
 * Leaves the first administrator's credentials on disk where the owner of the state folder alone can read them. They are
 * shown nowhere else; the file can be deleted once they are kept elsewhere.
 */
export async function leaveInitialAdministrator(file: string, credentials: InitialCredentials): Promise<void> {
  // What an earlier start left, whatever its mode, belongs to an administrator who never came to be.
  await rm(file, { force: true });
  await writeFile(file, `${JSON.stringify(credentials, undefined, 2)}\n`, { mode: 0o600, flag: "wx", flush: true });
}
