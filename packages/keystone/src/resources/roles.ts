import { LoomstackError } from "@loomstack/core";
import { type Role, roles } from "@loomstack/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { listAnswer, type Members } from "../lists.ts";
import { publicUrl } from "../public-url.ts";

/** What each may do, in its description. */
const descriptions: Readonly<Record<Role, string>> = {
  admin: "May do everything there.",
  member: "May make, change and delete what belongs to the project.",
  reader: "May look at what belongs to the project.",
};

/** `/v3/roles`: the three that there are. Their ids are their names. */
export function roleRoutes(app: FastifyInstance): void {
  app.get("/roles", (request) => {
    const shown = roles.map((role) => showRole(request, role));
    return listAnswer(request, { member: "roles", path: "/roles", filters: ["name", "domain_id"] }, shown);
  });
  app.get<{ Params: { id: string } }>("/roles/:id", (request) => ({
    role: showRole(request, roleOf(request.params.id)),
  }));
}

/** @throws KEYSTONE__NOT_FOUND */
export function roleOf(id: string): Role {
  const role = roles.find((each) => each === id);
  if (role === undefined) throw new LoomstackError("KEYSTONE__NOT_FOUND", { resource: "role", id });
  return role;
}

export function showRole(request: Pick<FastifyRequest, "protocol" | "host">, role: Role): Members {
  const description = descriptions[role];
  return {
    ...{ id: role, name: role, description, domain_id: null, options: {} },
    links: { self: publicUrl(request, `/roles/${role}`) },
  };
}
