import { listNetworks, listPorts, listSubnets } from "@loomstack/model";
import { networksAnswer, portsAnswer } from "./answers/controller.ts";
import type { ApiScope } from "./northbound.ts";
import type { ControllerApiOptions } from "./options.ts";

/** Networks with their subnets, and ports with what the hypervisors say of them. */
export function networkRoutes(app: ApiScope, { store, realised }: ControllerApiOptions): void {
  app.get("/networks", { schema: { response: { 200: networksAnswer } } }, async () => {
    const subnets = Map.groupBy(await listSubnets(store.db), ({ networkId }) => networkId);
    const networks = await listNetworks(store.db);
    return { networks: networks.map((network) => ({ ...network, subnets: subnets.get(network.id) ?? [] })) };
  });

  app.get("/ports", { schema: { response: { 200: portsAnswer } } }, async () => {
    const ports = await listPorts(store.db);
    return { ports: ports.map((port) => ({ ...port, ...realised.port(port.id) })) };
  });
}
