import { type Uuid, type RandomBytes, randomUuid } from "@loomstack/core";
import type { Store, Tx } from "../store.ts";
import { hashPassword } from "./password.ts";
import { createProject, findProjectByName } from "./project.ts";
import { assignRole } from "./role-assignment.ts";
import { createUser } from "./user.ts";

/** What is told once, when the first user is made, and kept nowhere else in the clear except for the secret key. */
export interface InitialCredentials {
  readonly name: string;
  readonly password: string;
  readonly apiKey: string;
  readonly secretKey: string;
}

export interface InitialAdministratorOptions {
  readonly store: Store;
  readonly random: RandomBytes;
  /**
   * Is told the credentials before the user is there for good: if they can't be kept, or the process dies here, there is
   * no user whom nobody knows the password of, and the next start makes another.
   */
  readonly keep?: (credentials: InitialCredentials) => Promise<void>;
}

/**
 * Makes the user `admin` in a store without users, of the project `admin`, with a password and keys from `random`; undefined when there are
 * users.
 *
 * @throws what `keep` throws
 */
export async function ensureInitialAdministrator({
  store,
  random,
  keep,
}: InitialAdministratorOptions): Promise<InitialCredentials | undefined> {
  if (await hasUsers(store.db)) return undefined;
  const text = (size: number): string => Buffer.from(random(size)).toString("hex");
  const credentials = { name: "admin", password: text(18), apiKey: text(48), secretKey: text(48) };
  const passwordHash = await hashPassword(credentials.password);
  const { result } = await store.transact(async (tx) => {
    if (await hasUsers(tx.db)) return undefined;
    const projectId = await ensureProject(tx, "admin", random);
    const id = randomUuid(random);
    await createUser(tx, { ...credentials, id, projectId, passwordHash });
    await assignRole(tx, { userId: id, projectId: null, role: "admin" });
    await keep?.(credentials);
    return credentials;
  });
  return result;
}

/** Users may be gone while a project of theirs is left. */
async function ensureProject(tx: Tx, name: string, random: RandomBytes): Promise<Uuid> {
  const found = await findProjectByName(tx.db, name);
  if (found) return found.id;
  const id = randomUuid(random);
  await createProject(tx, { id, name, description: "", enabled: true });
  return id;
}

async function hasUsers(db: Store["db"]): Promise<boolean> {
  return (await db.selectFrom("users").select("id").limit(1).executeTakeFirst()) !== undefined;
}
