import { i32, struct, type ValueOf } from "@loomstack/wire";
import { text } from "../xdr/text.ts";
import { uuid } from "../xdr/uuid.ts";

/** REMOTE_STRING_MAX of remote_protocol.x. */
export const Text = text(4_194_304);

/** REMOTE_DOMAIN_LIST_MAX of remote_protocol.x. */
export const domainListLimit = 16_384;

/** What names a domain in calls and events (remote_protocol.x, remote_nonnull_domain). The daemon goes by the UUID. */
export const DomainRef = struct({
  name: Text,
  uuid,
  /** The hypervisor's number of the running domain; -1 when it isn't running. */
  id: i32,
});
export type DomainRef = ValueOf<typeof DomainRef>;
