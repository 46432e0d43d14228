/** Connection Manager: which hypervisors the controller is to connect (Hydrogen's ConnectionManagerNorthbound). */
import { type Ipv4, LoomstackError, messageOf, parseIpv4 } from "@loomstack/core";
import { findNode, listNodes, type NodeAddress, nodeName } from "@loomstack/model";
import type { FastifyInstance } from "fastify";
import type { OdlOptions } from "./options.ts";
import { eitherSlash } from "./paths.ts";
import { withTimeLimit } from "./time-limit.ts";

/** The only kind of node that we connect. */
const nodeType = "OVS";
/** What port 0 means. */
const defaultPort = 6640;
const connectLimitMs = 20_000;

interface ConnectParams {
  readonly type?: string;
  readonly id: string;
  readonly address: string;
  readonly port: string;
}

export function connectionManager(app: FastifyInstance, options: OdlOptions): void {
  const { store, hypervisors, clock } = options;
  const base = "/connectionmanager";
  for (const url of eitherSlash(`${base}/nodes`)) {
    app.get<{ Querystring: { controller?: string } }>(url, ({ query }) => showNodes(options, query.controller));
  }
  const connectable = [`${base}/node/:type/:id`, `${base}/node/:id`].map(
    (node) => `${node}/address/:address/port/:port`,
  );
  for (const url of connectable.flatMap(eitherSlash)) {
    app.put<{ Params: ConnectParams }>(url, async ({ params }) => {
      const node = parseNode(params);
      await withTimeLimit(clock, connectLimitMs, (signal) => hypervisors.connect(node, signal));
      return { id: node.id, type: node.type };
    });
  }
  for (const url of eitherSlash(`${base}/node/:type/:id`)) {
    app.delete<{ Params: { readonly type: string; readonly id: string } }>(
      url,
      async ({ params: { type, id } }, reply) => {
        const node = await findNode(store.db, { type, id });
        if (!node) throw new LoomstackError("MODEL__NOT_FOUND", { resource: "node", id: nodeName({ type, id }) });
        await hypervisors.disconnect(type, id);
        return reply.code(200).send();
      },
    );
  }
}

interface NodeList {
  readonly node: readonly { readonly type: string; readonly id: string }[];
}

async function showNodes({ store, hypervisors }: OdlOptions, controller: string | undefined): Promise<NodeList> {
  if (controller !== undefined) parseAddress(controller, "?");
  const nodes = await listNodes(store.db);
  const switches = hypervisors.list().flatMap(({ bridges }) => bridges.filter(({ connected }) => connected));
  return {
    node: [
      ...nodes.map(({ type, id }) => ({ type, id })),
      ...switches.map(({ dpid }) => ({ type: "OF", id: (dpid.match(/../g) ?? []).join(":") })),
    ],
  };
}

/** @throws NORTHBOUND__INVALID_NODE */
function parseNode({ type = nodeType, id, address, port }: ConnectParams): NodeAddress {
  if (type !== nodeType) throw invalid(`${type}/${id}`, `there are only nodes of type ${nodeType}`);
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 65_536;
  if (number > 65_535) throw invalid(`${type}/${id}`, `${port} is not a TCP port`);
  return { type, id, address: parseAddress(address, `${type}/${id}`), port: number === 0 ? defaultPort : number };
}

function parseAddress(text: string, node: string): Ipv4 {
  try {
    return parseIpv4(text);
  } catch (error) {
    throw invalid(node, messageOf(error));
  }
}

function invalid(node: string, reason: string): LoomstackError {
  return new LoomstackError("NORTHBOUND__INVALID_NODE", { node, reason });
}
