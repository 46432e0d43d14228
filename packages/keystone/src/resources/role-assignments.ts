import { LoomstackError, type Uuid } from "@loomstack/core";
import {
  assignRole,
  findProject,
  findUser,
  listAllRoleAssignments,
  listProjects,
  listRoleAssignments,
  listUsers,
  type RoleAssignment,
  type Store,
  unassignRole,
  withImplied,
} from "@loomstack/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { demandAdministrator } from "../caller.ts";
import { domain } from "../domain.ts";
import { type Members, type Query } from "../lists.ts";
import type { KeystoneOptions } from "../options.ts";
import { publicUrl } from "../public-url.ts";
import { projectNotFound } from "./projects.ts";
import { roleOf, showRole } from "./roles.ts";
import { userNotFound } from "./users.ts";

/** Where a user is something: in a project, or in the system. */
interface Place {
  /** The path of the users there. */
  readonly path: string;
  projectOf(db: Store["db"], params: Params): Promise<Uuid | null>;
}

interface Params {
  readonly project?: string;
  readonly user: string;
  readonly role?: string;
}

const places: readonly Place[] = [
  {
    path: "/projects/:project/users/:user/roles",
    async projectOf(db, { project = "" }) {
      const found = await findProject(db, project);
      if (found === undefined) throw projectNotFound(project);
      return found.id;
    },
  },
  { path: "/system/users/:user/roles", projectOf: () => Promise.resolve(null) },
];

const known = ["user.id", "role.id", "scope.project.id", "scope.system", "effective", "include_names"];

/** What users are in projects and in the system: `…/roles`, and `/v3/role_assignments` for all of it. */
export function roleAssignmentRoutes(app: FastifyInstance, { store }: KeystoneOptions): void {
  for (const place of places) {
    const read = async (db: Store["db"], params: Params): Promise<Omit<RoleAssignment, "role">> => {
      const projectId = await place.projectOf(db, params);
      const user = await findUser(db, params.user);
      if (user === undefined) throw userNotFound(params.user);
      return { userId: user.id, projectId };
    };

    app.get<{ Params: Params }>(place.path, async (request) => {
      demandAdministrator(request.principal, "list_grants");
      const { userId, projectId } = await read(store.db, request.params);
      const here = (await listRoleAssignments(store.db, userId)).filter((each) => each.projectId === projectId);
      const links = { self: publicUrl(request), next: null, previous: null };
      return { roles: here.map(({ role }) => showRole(request, role)), links };
    });

    app.get<{ Params: Params }>(`${place.path}/:role`, async ({ principal, params }, reply) => {
      demandAdministrator(principal, "check_grant");
      const { userId, projectId } = await read(store.db, params);
      const role = roleOf(params.role ?? "");
      const assignments = await listRoleAssignments(store.db, userId);
      if (assignments.some((each) => each.projectId === projectId && each.role === role)) return reply.code(204).send();
      throw new LoomstackError("KEYSTONE__NOT_FOUND", { resource: "role assignment", id: role });
    });

    app.put<{ Params: Params }>(`${place.path}/:role`, async ({ principal, params }, reply) => {
      demandAdministrator(principal, "create_grant");
      const role = roleOf(params.role ?? "");
      await store.transact(async (tx) => assignRole(tx, { ...(await read(tx.db, params)), role }));
      return reply.code(204).send();
    });

    app.delete<{ Params: Params }>(`${place.path}/:role`, async ({ principal, params }, reply) => {
      demandAdministrator(principal, "revoke_grant");
      const role = roleOf(params.role ?? "");
      await store.transact(async (tx) => unassignRole(tx, { ...(await read(tx.db, params)), role }));
      return reply.code(204).send();
    });
  }

  app.get<{ Querystring: Query }>("/role_assignments", async (request) => {
    demandAdministrator(request.principal, "list_role_assignments");
    const { query } = request;
    for (const name of Object.keys(query))
      if (!known.includes(name))
        throw new LoomstackError("KEYSTONE__MALFORMED", { where: `?${name}`, reason: "lists can't be narrowed by it" });
    const all = await listAllRoleAssignments(store.db);
    const effective = isAsked(query["effective"]) ? all.flatMap(withAllImplied) : all;
    const names = isAsked(query["include_names"]) ? await namesIn(store.db) : undefined;
    const wanted = effective.filter(
      ({ userId, projectId, role }) =>
        isWanted(query["user.id"], userId) &&
        isWanted(query["role.id"], role) &&
        isWanted(query["scope.project.id"], projectId) &&
        (query["scope.system"] === undefined || projectId === null),
    );
    const assignments = wanted.map((each) => showAssignment(request, each, names));
    return {
      role_assignments: assignments,
      links: { self: publicUrl(request, "/role_assignments"), next: null, previous: null },
    };
  });
}

type Names = ReadonlyMap<string, string>;

async function namesIn(db: Store["db"]): Promise<Names> {
  const named = [...(await listUsers(db)), ...(await listProjects(db))];
  return new Map(named.map(({ id, name }) => [id, name]));
}

function withAllImplied(assignment: RoleAssignment): RoleAssignment[] {
  return withImplied([assignment.role]).map((role) => ({ ...assignment, role }));
}

/** Keystone's switches are on by being there. */
function isAsked(given: Query[string]): boolean {
  return given !== undefined && !["false", "0"].includes(String(given).toLowerCase());
}

function isWanted(given: Query[string], value: string | null): boolean {
  return given === undefined || given === value;
}

function showAssignment(
  request: Pick<FastifyRequest, "protocol" | "host">,
  { userId, projectId, role }: RoleAssignment,
  names: Names | undefined,
): Members {
  const named = (id: string): Members => ({ id, ...(names && { name: names.get(id), domain }) });
  const place = projectId === null ? "/system" : `/projects/${projectId}`;
  return {
    role: { id: role, ...(names && { name: role }) },
    user: named(userId),
    scope: projectId === null ? { system: { all: true } } : { project: named(projectId) },
    links: { assignment: publicUrl(request, `${place}/users/${userId}/roles/${role}`) },
  };
}
