/** Who calls, and what it may: administrators everything, everybody what concerns themselves. */
import { LoomstackError } from "@loomstack/core";
import type { Principal } from "@loomstack/model";

/** @throws KEYSTONE__FORBIDDEN */
export function demandAdministrator({ isAdministrator }: Principal, action: string): void {
  if (!isAdministrator) throw forbidden(action);
}

/** @throws KEYSTONE__FORBIDDEN unless it is an administrator, or this user */
export function demandSelf({ isAdministrator, user }: Principal, userId: string, action: string): void {
  if (!isAdministrator && user.id !== userId) throw forbidden(action);
}

export function forbidden(action: string): LoomstackError {
  return new LoomstackError("KEYSTONE__FORBIDDEN", { action: `identity:${action}` });
}
