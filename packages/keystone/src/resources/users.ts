import { LoomstackError, randomUuid } from "@loomstack/core";
import { createUser, deleteUser, findUser, hashPassword, listUsers, updateUser, type User } from "@loomstack/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { description, name, ofOurDomain, readBody } from "../body.ts";
import { demandAdministrator, demandSelf, forbidden } from "../caller.ts";
import { domain } from "../domain.ts";
import { listAnswer, type Members } from "../lists.ts";
import type { KeystoneOptions } from "../options.ts";
import { publicUrl } from "../public-url.ts";
import { showProject } from "./projects.ts";
import { projectsOf } from "./projects-of-user.ts";

interface ById {
  readonly Params: { readonly id: string };
}

/** As long as a secret may be that is worked over each time. */
const password = z.string().min(1, "is empty").max(1_024);

const creation = z.strictObject({
  name,
  password,
  default_project_id: z.string({ error: "is needed: a user acts for a project of its own when it says nothing else" }),
  description,
  enabled: z.boolean().default(true),
  ...ofOurDomain,
});

const change = z.strictObject({
  name: name.optional(),
  password: password.optional(),
  default_project_id: z.string().optional(),
  description: description.optional(),
  enabled: z.boolean().optional(),
  ...ofOurDomain,
});

const passwordChange = z.strictObject({ password, original_password: password });

const filters = ["name", "enabled", "domain_id"] as const;

/** `/v3/users`: who may call. */
export function userRoutes(app: FastifyInstance, { store, identity, random }: KeystoneOptions): void {
  const secret = (): string => Buffer.from(random(48)).toString("hex");
  const find = async (id: string): Promise<User> => {
    const user = await findUser(store.db, id);
    if (user === undefined) throw userNotFound(id);
    return user;
  };

  app.get("/users", async (request) => {
    demandAdministrator(request.principal, "list_users");
    const users = (await listUsers(store.db)).map((user) => showUser(request, user));
    return listAnswer(request, { member: "users", path: "/users", filters }, users);
  });

  app.post("/users", async (request, reply) => {
    demandAdministrator(request.principal, "create_user");
    const given = readBody(request.body, "user", creation);
    const id = randomUuid(random);
    const secrets = { passwordHash: await hashPassword(given.password), apiKey: secret(), secretKey: secret() };
    const { name: own, description: text, enabled, default_project_id: projectId } = given;
    const user = { id, name: own, description: text, enabled, projectId: projectId as User["projectId"], ...secrets };
    await store.transact((tx) => createUser(tx, user));
    return reply.code(201).send({ user: showUser(request, await find(id)) });
  });

  app.get<ById>("/users/:id", async (request) => {
    demandSelf(request.principal, request.params.id, "get_user");
    return { user: showUser(request, await find(request.params.id)) };
  });

  app.get<ById>("/users/:id/projects", async (request) => {
    const { id } = request.params;
    demandSelf(request.principal, id, "list_user_projects");
    const projects = (await projectsOf(store.db, (await find(id)).id)).map((each) => showProject(request, each));
    return listAnswer(request, { member: "projects", path: `/users/${id}/projects`, filters }, projects);
  });

  app.patch<ById>("/users/:id", async (request) => {
    demandAdministrator(request.principal, "update_user");
    const { name: newName, password: newPassword, ...given } = readBody(request.body, "user", change);
    const before = await find(request.params.id);
    if (newName !== undefined && newName !== before.name)
      throw new LoomstackError("KEYSTONE__UNSUPPORTED", {
        what: "to give a user another name",
        reason: "make another user, and delete this one",
      });
    const projectId = given.default_project_id as User["projectId"] | undefined;
    const patch = {
      ...(given.description !== undefined && { description: given.description }),
      ...(given.enabled !== undefined && { enabled: given.enabled }),
      ...(projectId !== undefined && { projectId }),
      ...(newPassword !== undefined && { passwordHash: await hashPassword(newPassword) }),
    };
    await store.transact((tx) => updateUser(tx, before.id, patch));
    return { user: showUser(request, await find(before.id)) };
  });

  app.post<ById>("/users/:id/password", async ({ principal, params, body, ip }, reply) => {
    const given = readBody(body, "user", passwordChange);
    if (principal.user.id !== params.id || principal.credential !== undefined) throw forbidden("change_password");
    const proof = { method: "password", user: { id: params.id }, password: given.original_password } as const;
    if ((await identity.logIn(proof, ip, "none")) === undefined) throw new LoomstackError("NORTHBOUND__UNAUTHORIZED");
    const passwordHash = await hashPassword(given.password);
    await store.transact((tx) => updateUser(tx, principal.user.id, { passwordHash }));
    return reply.code(204).send();
  });

  app.delete<ById>("/users/:id", async ({ principal, params }, reply) => {
    demandAdministrator(principal, "delete_user");
    const { id } = await find(params.id);
    await store.transact((tx) => deleteUser(tx, id));
    return reply.code(204).send();
  });
}

function showUser(request: Pick<FastifyRequest, "protocol" | "host">, user: User): Members {
  const { id, name: own, description: text, enabled, projectId } = user;
  return {
    ...{ id, name: own, description: text, enabled, default_project_id: projectId },
    ...{ domain_id: domain.id, password_expires_at: null, options: {} },
    links: { self: publicUrl(request, `/users/${id}`) },
  };
}

export function userNotFound(id: string): LoomstackError {
  return new LoomstackError("KEYSTONE__NOT_FOUND", { resource: "user", id });
}
