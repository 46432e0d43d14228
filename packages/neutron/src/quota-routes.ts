/** `/quotas`: how many of each a project may have, and has. */
import {
  defaultQuotas,
  findQuotas,
  listProjectsWithQuotas,
  type QuotaResource,
  quotaResources,
  type Quotas,
  quotaUsage,
  resetQuotas,
  setQuotas,
} from "@loomstack/model";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { readMember } from "./attributes/body.ts";
import { whole } from "./attributes/members.ts";
import type { Caller } from "./caller.ts";
import type { NeutronOptions } from "./options.ts";
import { forbidden } from "./policy.ts";

interface ByProject {
  readonly Params: { readonly project: string };
}

const limit = whole.pipe(z.int().min(-1).max(2_147_483_647)).optional();

const limits = z.strictObject(
  Object.fromEntries(quotaResources.map((resource) => [resource, limit])) as Record<QuotaResource, typeof limit>,
);

export function quotaRoutes(app: FastifyInstance, { store }: Pick<NeutronOptions, "store">): void {
  app.get("/quotas", async ({ caller }) => {
    demandAdministrator(caller, "get_quota");
    const projects = await listProjectsWithQuotas(store.db);
    const quotas = projects.map(async (id) => ({ ...(await findQuotas(store.db, id)), project_id: id, tenant_id: id }));
    return { quotas: await Promise.all(quotas) };
  });

  app.get<ByProject>("/quotas/:project", async ({ caller, params: { project } }) => {
    demandOwn(caller, project);
    return { quota: await findQuotas(store.db, project) };
  });

  app.get<ByProject>("/quotas/:project/default", ({ caller, params: { project } }) => {
    demandOwn(caller, project);
    return { quota: defaultQuotas };
  });

  for (const url of ["/quotas/:project/details", "/quotas/:project/details.json"])
    app.get<ByProject>(url, async ({ caller, params: { project } }) => {
      demandOwn(caller, project);
      const quotas = await findQuotas(store.db, project);
      const details = quotaResources.map(async (resource) => {
        const used = await quotaUsage(store.db, project, resource);
        return [resource, { limit: quotas[resource], used, reserved: 0 }] as const;
      });
      return { quota: Object.fromEntries(await Promise.all(details)) };
    });

  app.put<ByProject>("/quotas/:project", async ({ caller, params: { project }, body }) => {
    demandAdministrator(caller, "update_quota");
    const wanted = readMember(body, "quota", limits);
    const said = Object.entries(wanted).filter(([, value]) => value !== undefined);
    await store.transact((tx) => setQuotas(tx, project, Object.fromEntries(said) as Partial<Quotas>));
    return { quota: await findQuotas(store.db, project) };
  });

  app.delete<ByProject>("/quotas/:project", async ({ caller, params: { project } }, reply) => {
    demandAdministrator(caller, "delete_quota");
    await store.transact((tx) => resetQuotas(tx, project));
    return reply.code(204).send();
  });
}

function demandAdministrator({ isAdministrator }: Caller, rule: string): void {
  if (!isAdministrator) throw forbidden(rule);
}

function demandOwn({ isAdministrator, projectId }: Caller, project: string): void {
  if (!isAdministrator && project !== projectId) throw forbidden("get_quota");
}
