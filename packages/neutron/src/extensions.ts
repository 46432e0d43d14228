/** The extensions of the Networking API that are here: each one keeps what it promises, on the wire too. */
import { LoomstackError } from "@loomstack/core";
import type { FastifyInstance } from "fastify";

interface Extension {
  readonly alias: string;
  readonly name: string;
  readonly description: string;
}

/** Names and aliases are Neutron's (neutron-lib, api/definitions). */
export const extensions: readonly Extension[] = [
  of("address-scope", "Address scope", "In which the prefixes of subnet pools overlap nowhere."),
  of("agent", "agent", "Hypervisors, as agents."),
  of("allowed-address-pairs", "Allowed Address Pairs", "Further addresses that a port may send from."),
  of("binding", "Port Binding", "Where a port is to be plugged in, and how."),
  of("dns-integration", "DNS Integration", "Names of ports, and domains of networks, that guests can look up."),
  of("empty-string-filtering", "Empty String Filtering Extension", "Lists are narrowed by empty values, too."),
  of("filter-validation", "Filter parameters validation", "A filter that there isn't is refused."),
  of("ip-substring-filtering", "IP address substring filtering", "Ports are found by a part of their addresses."),
  of("net-mtu", "Network MTU", "What a network carries in one packet."),
  of("net-mtu-writable", "Network MTU (writable)", "It can be chosen, and changed."),
  of("network-ip-availability", "Network IP Availability", "How many addresses a network has left."),
  of("pagination", "Pagination support", "Lists can be had page by page."),
  of("port-mac-address-override", "Port MAC address override", "The MAC address of a port can be changed."),
  of("port-security", "Port Security", "A port sends only from its own addresses, unless that is switched off."),
  of("project-id", "project_id field enabled", "Objects have project_id, which is their tenant_id."),
  of("provider", "Provider Network", "What carries a network."),
  of("quota_details", "Quota details management support", "How much of its quotas a project has used."),
  of("quotas", "Quota management support", "How many of each a project may have."),
  of("rbac-policies", "RBAC Policies", "Networks are shared with single projects, too."),
  of("revision-if-match", "If-Match constraints based on revision_number", "A change can be held to a revision."),
  of("sorting", "Sorting support", "Lists can be sorted."),
  of("standard-attr-description", "standard-attr-description", "Objects have a description."),
  of("standard-attr-revisions", "Resource revision numbers", "Objects say which revision changed them last."),
  of(
    "standard-attr-tag",
    "Tag support for resources with standard attribute",
    "Objects have tags, by which they are found.",
  ),
  of("standard-attr-timestamp", "Resource timestamps", "Objects say when they were made and changed."),
  of("subnet_allocation", "Subnet Allocation", "Subnets are taken of pools of prefixes."),
];

function of(alias: string, name: string, description: string): Extension {
  return { alias, name, description };
}

export function extensionRoutes(app: FastifyInstance): void {
  app.get("/extensions", () => ({ extensions: extensions.map(told) }));
  app.get<{ Params: { alias: string } }>("/extensions/:alias", ({ params }) => {
    const extension = extensions.find(({ alias }) => alias === params.alias);
    if (!extension) throw new LoomstackError("NEUTRON__NOT_FOUND");
    return { extension: told(extension) };
  });
}

function told(extension: Extension): unknown {
  return { ...extension, updated: "2026-11-23T00:00:00-00:00", links: [] };
}
