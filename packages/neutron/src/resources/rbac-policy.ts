import { randomUuid } from "@loomstack/core";
import {
  createNetworkShare,
  deleteNetworkShare,
  getNetworkShare,
  listNetworkShares,
  type NetworkShare,
} from "@loomstack/model";
import { z } from "zod";
import { attributesOf } from "../attributes/attribute.ts";
import { label, uuid } from "../attributes/members.ts";
import { standingBy } from "../caller.ts";
import type { NeutronOptions } from "../options.ts";
import type { Resource } from "../resource.ts";
import { visibleNetwork } from "./network-standings.ts";

const attributes = attributesOf<NetworkShare>()({
  id: { show: ({ id }) => id },
  tenant_id: { show: ({ tenantId }) => tenantId, post: label.optional() },
  object_type: { show: () => "network", post: z.literal("network", { error: "it is 'network'" }) },
  object_id: { show: ({ networkId }) => networkId, post: uuid },
  target_tenant: {
    show: ({ target }) => target,
    post: label.min(1),
    // As in Neutron: what is shared with all is for administrators to say.
    setBy: (target) => (target === "*" ? "administrator" : "owner"),
  },
  action: {
    show: () => "access_as_shared",
    post: z.literal("access_as_shared", { error: "it is 'access_as_shared'" }),
  },
});

type Declared = typeof attributes;

/** RBAC policies: with whom networks are shared, beside all or one by one. */
export function rbacPolicyResource({
  random,
}: Pick<NeutronOptions, "random">): Resource<NetworkShare, NetworkShare, Declared> {
  return {
    singular: "rbac_policy",
    plural: "rbac_policies",
    attributes,
    quota: "rbac_policy",
    list: listNetworkShares,
    get: getNetworkShare,
    standings: (_, caller) => Promise.resolve(({ tenantId }) => standingBy(caller, tenantId)),
    async standingToCreate(db, caller, { object_id }) {
      const { standing } = await visibleNetwork(db, caller, object_id);
      return standing;
    },
    create: (tx, { object_id: networkId, target_tenant: target }, tenantId) =>
      createNetworkShare(tx, { id: randomUuid(random), networkId, target, tenantId }),
    // There is nothing that a PUT may say.
    update: (_, share) => Promise.resolve(share),
    remove: deleteNetworkShare,
    present: (_, shares) => Promise.resolve(shares),
  };
}
