import { LoomstackError, randomUuid } from "@loomstack/core";
import {
  guestNetworks,
  type Job,
  type NetworkServiceProvider,
  networkServiceProviders,
  type OpenDaylightController,
  openDaylightControllers,
  type PhysicalNetwork,
} from "@loomstack/model";
import type { Caller, CloudContext } from "../context.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { providerStates } from "../states/provider-states.ts";
import { invalid } from "./invalid-parameter.ts";

export interface NewController {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** Network service providers and the controllers behind them. The results of the jobs are the objects. */
export interface Providers {
  add(caller: Caller, network: PhysicalNetwork, name: string): Promise<Job>;
  update(caller: Caller, provider: NetworkServiceProvider, state: string | undefined): Promise<Job>;
  /** Adds a controller that answers and takes the credentials; nothing is kept of one that doesn't. */
  addController(caller: Caller, network: PhysicalNetwork, controller: NewController): Promise<Job>;
  deleteController(caller: Caller, controller: OpenDaylightController): Promise<Job>;
}

export function providersService(context: CloudContext, jobs: Jobs): Providers {
  const fresh = () => ({ id: randomUuid(context.random), createdAt: context.clock.now() });
  return {
    add(caller, network, name) {
      if (name.toLowerCase() !== "opendaylight")
        throw invalid("name", name, "only the provider Opendaylight is supported");
      const provider: NetworkServiceProvider = {
        ...fresh(),
        physicalNetworkId: network.id,
        name: "Opendaylight",
        state: "Disabled",
      };
      return jobs.submitShort(caller, "addNetworkServiceProvider", {
        commit: async (tx) => ({
          result: await networkServiceProviders.insert(tx, provider),
          subject: { type: "PhysicalNetworkServiceProvider", id: provider.id },
        }),
      });
    },
    update(caller, provider, state) {
      if (state !== undefined && state !== "Enabled" && state !== "Disabled" && state !== "Shutdown") {
        throw invalid("state", state, "it is Enabled, Disabled or Shutdown");
      }
      return jobs.submitShort(caller, "updateNetworkServiceProvider", {
        commit: async (tx) => {
          const before = await networkServiceProviders.get(tx.db, provider.id);
          const next = state === undefined ? before.state : providerStates.next(before.state, state, provider.id);
          const result = await networkServiceProviders.update(tx, provider.id, { state: next });
          return { result, subject: { type: "PhysicalNetworkServiceProvider", id: provider.id } };
        },
      });
    },
    addController(caller, network, request) {
      const url = controllerUrl(request.url);
      const { username, password } = request;
      const controller: OpenDaylightController = {
        ...fresh(),
        physicalNetworkId: network.id,
        name: `ODL Controller - ${url}`,
        url,
        username,
        password,
      };
      return jobs.submitShort(caller, "addOpenDaylightController", {
        async check(signal) {
          await assertProvider(context.store.db, network);
          await context.providerOf(controller).check(signal);
        },
        commit: async (tx) => {
          await assertProvider(tx.db, network);
          await openDaylightControllers.insert(tx, controller);
          return { result: withoutPassword(controller), subject: { type: "Host", id: controller.id } };
        },
      });
    },
    deleteController(caller, controller) {
      return jobs.submitShort(caller, "deleteOpenDaylightController", {
        commit: async (tx) => {
          const used = (await guestNetworks.list(tx.db, { controllerId: controller.id }))[0];
          if (used !== undefined)
            throw new LoomstackError("CLOUD__IN_USE", {
              subject: "controller",
              id: controller.url,
              user: `network ${used.name}`,
            });
          await openDaylightControllers.remove(tx, controller.id);
          return { result: { success: true }, subject: { type: "Host", id: controller.id } };
        },
      });
    },
  };
}

/** What of a controller may be shown, and kept with a job. */
export function withoutPassword({
  password: _,
  ...shown
}: OpenDaylightController): Omit<OpenDaylightController, "password"> {
  return shown;
}

function controllerUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw invalid("url", text, "write http://<controller>:<port>");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw invalid("url", `${url.origin}${url.pathname}`, "only an address may be in it");
  return text.trim().replace(/\/+$/, "");
}

/** As CloudStack has it: first the provider, then its controller. */
async function assertProvider(db: CloudContext["store"]["db"], network: PhysicalNetwork): Promise<void> {
  const [provider] = await networkServiceProviders.list(db, { physicalNetworkId: network.id, name: "Opendaylight" });
  if (provider !== undefined && provider.state !== "Shutdown") return;
  const reason =
    provider === undefined
      ? "it has no provider Opendaylight; add it with addNetworkServiceProvider"
      : "its provider Opendaylight is in Shutdown";
  throw new LoomstackError("CLOUD__NOT_READY", { subject: "physical network", id: network.name, reason });
}
