/** How many objects a project may have: Neutron's quotas. They hold for those who ask by a northbound that has them. */
import { LoomstackError } from "@loomstack/core";
import { type Kysely, sql } from "kysely";
import type { Tx } from "./store.ts";
import type { Tables } from "./tables.ts";

/** What is limited, and how many of it a project may have of which nothing else is said; -1: as many as it likes. */
export const defaultQuotas = { network: 100, subnet: 100, port: 500, rbac_policy: 10, subnetpool: -1 } as const;
export type QuotaResource = keyof typeof defaultQuotas;
export const quotaResources = Object.keys(defaultQuotas) as readonly QuotaResource[];

export type Quotas = Readonly<Record<QuotaResource, number>>;

/** The tables in which what is limited is. */
const tables: Readonly<Record<QuotaResource, string>> = {
  network: "networks",
  subnet: "subnets",
  port: "ports",
  rbac_policy: "network_shares",
  subnetpool: "subnet_pools",
};

/** What a project may have. */
export async function findQuotas(db: Kysely<Tables>, projectId: string): Promise<Quotas> {
  const rows = await db.selectFrom("quotas").selectAll().where("project_id", "=", projectId).execute();
  return { ...defaultQuotas, ...Object.fromEntries(rows.map(({ resource, limit }) => [resource, limit])) };
}

/** The projects of which something else than the defaults is said. */
export async function listProjectsWithQuotas(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db.selectFrom("quotas").select("project_id").distinct().orderBy("project_id").execute();
  return rows.map(({ project_id }) => project_id);
}

/** @param limits of whole numbers from -1 on */
export async function setQuotas(tx: Tx, projectId: string, limits: Partial<Quotas>): Promise<void> {
  for (const [resource, limit] of Object.entries(limits)) {
    await tx.db
      .insertInto("quotas")
      .values({ project_id: projectId, resource, limit })
      .onConflict((conflict) => conflict.columns(["project_id", "resource"]).doUpdateSet({ limit }))
      .execute();
  }
}

/** Has the defaults hold for a project again. */
export async function resetQuotas(tx: Tx, projectId: string): Promise<void> {
  await tx.db.deleteFrom("quotas").where("project_id", "=", projectId).execute();
}

/** How many a project has. */
export async function quotaUsage(db: Kysely<Tables>, projectId: string, resource: QuotaResource): Promise<number> {
  return countUpTo(db, projectId, resource, -1);
}

/**
 * Holds that a project has no more than it may, after something was made for it.
 *
 * @throws MODEL__QUOTA_EXCEEDED
 */
export async function checkQuota({ db }: Tx, projectId: string, resource: QuotaResource): Promise<void> {
  const limit = (await findQuotas(db, projectId))[resource];
  // What there is beyond it need not be counted.
  if (limit >= 0 && (await countUpTo(db, projectId, resource, limit + 1)) > limit)
    throw new LoomstackError("MODEL__QUOTA_EXCEEDED", { resource, project: projectId, limit });
}

async function countUpTo(
  db: Kysely<Tables>,
  projectId: string,
  resource: QuotaResource,
  most: number,
): Promise<number> {
  const { rows } = await sql<{ used: number }>`SELECT count(*) AS used FROM
    (SELECT 1 FROM ${sql.table(tables[resource])} WHERE tenant_id = ${projectId} LIMIT ${sql.lit(most)})`.execute(db);
  return rows[0]?.used ?? 0;
}
