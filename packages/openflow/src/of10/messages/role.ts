import { enumOf, mapped, struct, u32 } from "@loomstack/wire";
import type { ControllerRole } from "../../of13/messages/role.ts";
import { unsayable } from "../../version/version.ts";

const roles = { equal: 0, primary: 1, secondary: 2 } as const;

/** Nicira's roles, which know no generations. @see ovs-vswitchd.conf.db(5), Controller, role */
export const role10 = mapped(struct({ role: enumOf(u32, roles) }), {
  decode: ({ role }): { readonly role: ControllerRole; readonly generationId: bigint } => ({ role, generationId: 0n }),
  encode: ({ role }: { readonly role: ControllerRole; readonly generationId?: bigint | undefined }) => {
    if (role === "noChange") throw unsayable("1.0", "the question for the present role");
    return { role };
  },
});
