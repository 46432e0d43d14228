/** What a user may be, in a project or in all: each may do what the ones after it may, as in Keystone. */
export const roles = ["admin", "member", "reader"] as const;
export type Role = (typeof roles)[number];

/** These roles and the ones that they imply, strongest first. */
export function withImplied(given: readonly Role[]): readonly Role[] {
  const strongest = roles.findIndex((role) => given.includes(role));
  return strongest < 0 ? [] : roles.slice(strongest);
}
