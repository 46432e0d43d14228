import { enumOf, pad, u32, u64, withDefault } from "@loomstack/wire";

/** Who may change a switch: everybody (equal), or one primary controller while the secondary ones only watch. */
export const controllerRoles = { noChange: 0, equal: 1, primary: 2, secondary: 3 } as const;
export type ControllerRole = keyof typeof controllerRoles;

/** @see OpenFlow 1.3.5, 7.3.9 (ofp_role_request) */
export const roleFields = {
  role: enumOf(u32, controllerRoles),
  _: pad(4),
  /** Grows with each change of the primary; a switch refuses an older one. */
  generationId: withDefault(u64, 0n),
};
