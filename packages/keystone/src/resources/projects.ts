import { LoomstackError, randomUuid } from "@loomstack/core";
import { createProject, deleteProject, findProject, listProjects, type Project, updateProject } from "@loomstack/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { description, name, ofOurDomain, readBody } from "../body.ts";
import { demandAdministrator, forbidden } from "../caller.ts";
import { domain } from "../domain.ts";
import { listAnswer, type Members } from "../lists.ts";
import type { KeystoneOptions } from "../options.ts";
import { publicUrl } from "../public-url.ts";
import { projectsOf } from "./projects-of-user.ts";

interface ById {
  readonly Params: { readonly id: string };
}

const flat = {
  ...ofOurDomain,
  parent_id: z.literal("default", { error: "is no parent: projects are in no other" }).nullish(),
  is_domain: z.literal(false, { error: "can't be: there is one domain" }).optional(),
  tags: z.array(z.unknown()).max(0, "has no tags here").optional(),
};

const creation = z.strictObject({ name, description, enabled: z.boolean().default(true), ...flat });

const change = z.strictObject({
  name: name.optional(),
  description: description.optional(),
  enabled: z.boolean().optional(),
  ...flat,
});

const filters = ["name", "enabled", "domain_id", "parent_id", "is_domain"] as const;

/** `/v3/projects`: what objects belong to. */
export function projectRoutes(app: FastifyInstance, { store, random }: KeystoneOptions): void {
  app.get("/projects", async (request) => {
    demandAdministrator(request.principal, "list_projects");
    const projects = (await listProjects(store.db)).map((project) => showProject(request, project));
    return listAnswer(request, { member: "projects", path: "/projects", filters }, projects);
  });

  app.post("/projects", async (request, reply) => {
    demandAdministrator(request.principal, "create_project");
    const given = readBody(request.body, "project", creation);
    const { name: own, description: text, enabled } = given;
    const project = { id: randomUuid(random), name: own, description: text, enabled };
    await store.transact((tx) => createProject(tx, project));
    return reply.code(201).send({ project: showProject(request, project) });
  });

  app.get<ById>("/projects/:id", async (request) => {
    const { principal, params } = request;
    const project = await findProject(store.db, params.id);
    const isOwn = (await projectsOf(store.db, principal.user.id)).some(({ id }) => id === params.id);
    if (!principal.isAdministrator && !isOwn) throw forbidden("get_project");
    if (project === undefined) throw projectNotFound(params.id);
    return { project: showProject(request, project) };
  });

  app.patch<ById>("/projects/:id", async (request) => {
    demandAdministrator(request.principal, "update_project");
    const { name: newName, ...given } = readBody(request.body, "project", change);
    const { result } = await store.transact(async (tx) => {
      const before = await findProject(tx.db, request.params.id);
      if (before === undefined) throw projectNotFound(request.params.id);
      if (newName !== undefined && newName !== before.name)
        throw new LoomstackError("KEYSTONE__UNSUPPORTED", {
          what: "to give a project another name",
          reason: "objects of the cloud know it by the one that it has",
        });
      return updateProject(tx, before.id, {
        ...(given.description !== undefined && { description: given.description }),
        ...(given.enabled !== undefined && { enabled: given.enabled }),
      });
    });
    return { project: showProject(request, result) };
  });

  app.delete<ById>("/projects/:id", async (request, reply) => {
    demandAdministrator(request.principal, "delete_project");
    await store.transact(async (tx) => {
      const project = await findProject(tx.db, request.params.id);
      if (project === undefined) throw projectNotFound(request.params.id);
      await deleteProject(tx, project.id);
    });
    return reply.code(204).send();
  });
}

export function showProject(request: Pick<FastifyRequest, "protocol" | "host">, project: Project): Members {
  const { id, name: own, description: text, enabled } = project;
  return {
    ...{ id, name: own, description: text, enabled },
    ...{ domain_id: domain.id, parent_id: domain.id, is_domain: false, options: {}, tags: [] },
    links: { self: publicUrl(request, `/projects/${id}`) },
  };
}

export function projectNotFound(id: string): LoomstackError {
  return new LoomstackError("KEYSTONE__NOT_FOUND", { resource: "project", id });
}
