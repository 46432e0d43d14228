import { randomUuid } from "@loomstack/core";
import {
  type AddressScope,
  createAddressScope,
  deleteAddressScope,
  getAddressScope,
  listAddressScopes,
  updateAddressScope,
} from "@loomstack/model";
import { z } from "zod";
import { attributesOf } from "../attributes/attribute.ts";
import { label, truth, whole } from "../attributes/members.ts";
import { standingOfShared } from "../caller.ts";
import type { NeutronOptions } from "../options.ts";
import type { Resource } from "../resource.ts";

const attributes = attributesOf<AddressScope>()({
  id: { show: ({ id }) => id },
  name: { show: ({ name }) => name, post: label.default(""), put: label },
  tenant_id: { show: ({ tenantId }) => tenantId, post: label.optional() },
  ip_version: {
    show: ({ ipVersion }) => ipVersion,
    post: whole.pipe(z.literal([4, 6], { error: "it is 4 or 6" })),
  },
  shared: {
    show: ({ shared }) => shared,
    post: truth.default(false),
    put: truth,
    setBy: (shared) => (shared === true ? "administrator" : "owner"),
  },
});

type Declared = typeof attributes;

/** Address scopes, in which an address means one thing. */
export function addressScopeResource({
  random,
}: Pick<NeutronOptions, "random">): Resource<AddressScope, AddressScope, Declared> {
  return {
    singular: "address_scope",
    plural: "address_scopes",
    attributes,
    list: listAddressScopes,
    get: getAddressScope,
    standings: (_, caller) => Promise.resolve((scope) => standingOfShared(caller, scope)),
    standingToCreate: (_, { isAdministrator }) => Promise.resolve(isAdministrator ? "administrator" : "owner"),
    create: (tx, { name, ip_version: ipVersion, shared }, tenantId) =>
      createAddressScope(tx, { id: randomUuid(random), name, tenantId, ipVersion, shared }),
    update: (tx, { id }, { name, shared }) =>
      updateAddressScope(tx, id, { ...(name !== undefined && { name }), ...(shared !== undefined && { shared }) }),
    remove: deleteAddressScope,
    present: (_, scopes) => Promise.resolve(scopes),
  };
}
