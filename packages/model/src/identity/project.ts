import { LoomstackError, type Uuid } from "@loomstack/core";
import { type Kysely, sql } from "kysely";
import { keptQuery } from "../kept-query.ts";
import { resetQuotas } from "../quota.ts";
import type { Tx } from "../store.ts";
import type { Tables } from "../tables.ts";
import { explainViolation } from "../violation.ts";
import type { ProjectRow } from "./identity-tables.ts";

/** What objects belong to: a project of OpenStack, an account of CloudStack. */
export interface Project {
  readonly id: Uuid;
  /** The cloud's objects know their project by it, so it stays. */
  readonly name: string;
  readonly description: string;
  /** Nobody acts for a project that isn't. */
  readonly enabled: boolean;
}

/** @throws MODEL__ALREADY_EXISTS for a project of that name */
export async function createProject(tx: Tx, project: Project): Promise<void> {
  await explainViolation(
    tx.db
      .insertInto("projects")
      .values({ ...project, enabled: Number(project.enabled) })
      .execute(),
    () => new LoomstackError("MODEL__ALREADY_EXISTS", { resource: "project", id: project.name }),
  );
}

export type ProjectPatch = Partial<Pick<Project, "description" | "enabled">>;

/** @throws MODEL__NOT_FOUND */
export async function updateProject(tx: Tx, id: Uuid, patch: ProjectPatch): Promise<Project> {
  const before = await findProject(tx.db, id);
  if (!before) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "project", id });
  const after = { ...before, ...patch };
  const { description, enabled } = after;
  await tx.db
    .updateTable("projects")
    .set({ description, enabled: Number(enabled) })
    .where("id", "=", id)
    .execute();
  return after;
}

/**
 * Removes a project, with what users are in it and the credentials for it.
 *
 * @throws MODEL__NOT_FOUND; MODEL__IN_USE while something belongs to it
 */
export async function deleteProject(tx: Tx, id: Uuid): Promise<void> {
  const project = await findProject(tx.db, id);
  if (!project) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "project", id });
  const user = await findBelonging(tx.db, project);
  if (user !== undefined) throw new LoomstackError("MODEL__IN_USE", { resource: "project", id, user });
  await resetQuotas(tx, id);
  await tx.db.deleteFrom("projects").where("id", "=", id).execute();
}

/** Something that belongs to a project, in words. */
async function findBelonging(db: Kysely<Tables>, { id, name }: Project): Promise<string | undefined> {
  const { rows } = await sql<{ belonging: string }>`
    SELECT 'user ' || id AS belonging FROM users WHERE project_id = ${id}
    UNION ALL SELECT 'network ' || id FROM networks WHERE tenant_id = ${id}
    UNION ALL SELECT 'subnet ' || id FROM subnets WHERE tenant_id = ${id}
    UNION ALL SELECT 'port ' || id FROM ports WHERE tenant_id = ${id}
    UNION ALL SELECT 'subnet pool ' || id FROM subnet_pools WHERE tenant_id = ${id}
    UNION ALL SELECT 'address scope ' || id FROM address_scopes WHERE tenant_id = ${id}
    UNION ALL SELECT 'guest network ' || id FROM guest_networks WHERE account = ${name}
    UNION ALL SELECT 'instance ' || id FROM instances WHERE account = ${name}
    UNION ALL SELECT 'template ' || id FROM templates WHERE account = ${name} LIMIT 1`.execute(db);
  return rows[0]?.belonging;
}

export async function findProject(db: Kysely<Tables>, id: string): Promise<Project | undefined> {
  const [row] = await projectsById(db, { id });
  return row && projectFromRow(row);
}

export async function findProjectByName(db: Kysely<Tables>, name: string): Promise<Project | undefined> {
  const row = await db.selectFrom("projects").selectAll().where("name", "=", name).executeTakeFirst();
  return row && projectFromRow(row);
}

/** In the order of their names. */
export async function listProjects(db: Kysely<Tables>): Promise<Project[]> {
  return (await db.selectFrom("projects").selectAll().orderBy("name").execute()).map(projectFromRow);
}

const projectsById = keptQuery((db, { id }: { id: string }) =>
  db.selectFrom("projects").selectAll().where("id", "=", id),
);

function projectFromRow({ id, name, description, enabled }: ProjectRow): Project {
  return { id: id as Uuid, name, description, enabled: enabled === 1 };
}
