import type { Uuid } from "@loomstack/core";
import { listProjects, listRoleAssignments, type Project, type Store } from "@loomstack/model";

/** The projects for which a user may act, those that are enabled: who is something in the system is it in each. */
export async function projectsOf(db: Store["db"], userId: Uuid): Promise<Project[]> {
  const assignments = await listRoleAssignments(db, userId);
  const isEverywhere = assignments.some(({ projectId }) => projectId === null);
  const own = new Set(assignments.map(({ projectId }) => projectId));
  return (await listProjects(db)).filter(({ id, enabled }) => enabled && (isEverywhere || own.has(id)));
}
