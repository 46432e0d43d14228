/** The one domain that users and projects are in. */
export const domain = { id: "default", name: "Default" } as const;

/** How clients name it. */
export interface DomainReference {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

/** Whether a client that names a domain, or none, means ours. */
export function isOurs(reference: DomainReference | null | undefined): boolean {
  const { id = domain.id, name = domain.name } = reference ?? {};
  return id === domain.id && name.toLowerCase() === domain.name.toLowerCase();
}
