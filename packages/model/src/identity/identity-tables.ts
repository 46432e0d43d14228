/** The tables of identity. Truth values are 0 and 1. */
export interface IdentityTables {
  projects: ProjectRow;
  users: UserRow;
  role_assignments: RoleAssignmentRow;
}

export interface ProjectRow {
  id: string;
  name: string;
  description: string;
  enabled: number;
}

export interface UserRow {
  id: string;
  name: string;
  description: string;
  enabled: number;
  project_id: string;
  password_hash: string;
  api_key: string;
  /** In the clear, because the signatures of requests are checked with it. */
  secret_key: string;
}

export interface RoleAssignmentRow {
  user_id: string;
  /** NULL: for every project, and for what belongs to none. */
  project_id: string | null;
  role: string;
}
