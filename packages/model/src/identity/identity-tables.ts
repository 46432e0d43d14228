/** The tables of identity. Truth values are 0 and 1, times ms since the epoch. */
export interface IdentityTables {
  projects: ProjectRow;
  users: UserRow;
  role_assignments: RoleAssignmentRow;
  application_credentials: ApplicationCredentialRow;
  tokens: TokenRow;
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

export interface ApplicationCredentialRow {
  id: string;
  user_id: string;
  name: string;
  description: string;
  project_id: string | null;
  /** JSON. */
  roles: string;
  secret_hash: string;
  expires_at: number | null;
}

export interface TokenRow {
  /** Of the token, which is kept nowhere. */
  hash: string;
  user_id: string;
  scope: string;
  project_id: string | null;
  application_credential_id: string | null;
  /** JSON. */
  methods: string;
  issued_at: number;
  expires_at: number;
}
