/** What a caller may ask of itself: for what it may act, and what there is. */
import { listRoleAssignments } from "@loomstack/model";
import type { FastifyInstance } from "fastify";
import { catalogOf } from "../catalog.ts";
import { listAnswer } from "../lists.ts";
import type { KeystoneOptions } from "../options.ts";
import { publicUrl } from "../public-url.ts";
import { showProject } from "./projects.ts";
import { projectsOf } from "./projects-of-user.ts";

/** `/v3/auth/projects`, `/v3/auth/domains`, `/v3/auth/system`, `/v3/auth/catalog` */
export function ownRoutes(app: FastifyInstance, options: KeystoneOptions): void {
  const { store } = options;
  app.get("/auth/projects", async (request) => {
    const projects = (await projectsOf(store.db, request.principal.user.id)).map((each) => showProject(request, each));
    return listAnswer(request, { member: "projects", path: "/auth/projects", filters: ["name"] }, projects);
  });
  // Nobody is anything in a domain: roles are in projects, or in the system.
  app.get("/auth/domains", (request) =>
    listAnswer(request, { member: "domains", path: "/auth/domains", filters: [] }, []),
  );
  app.get("/auth/system", async (request) => {
    const assignments = await listRoleAssignments(store.db, request.principal.user.id);
    const isThere = assignments.some(({ projectId }) => projectId === null);
    return listAnswer(request, { member: "system", path: "/auth/system", filters: [] }, isThere ? [{ all: true }] : []);
  });
  app.get("/auth/catalog", (request) => ({
    catalog: catalogOf(request, options),
    links: { self: publicUrl(request, "/auth/catalog"), next: null, previous: null },
  }));
}
