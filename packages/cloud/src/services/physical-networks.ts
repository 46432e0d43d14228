import { LoomstackError, randomUuid } from "@loomstack/core";
import {
  guestNetworks,
  type Job,
  type PhysicalNetwork,
  physicalNetworks,
  type TrafficType,
  trafficTypes,
  type Zone,
} from "@loomstack/model";
import type { Caller, CloudContext } from "../context.ts";
import type { Jobs } from "../jobs/jobs.ts";
import { invalid } from "./invalid-parameter.ts";

export interface NewPhysicalNetwork {
  readonly zone: Zone;
  readonly name: string;
  readonly isolationMethods: readonly string[];
}

/** Physical networks and what they carry. The results of the jobs are the objects. */
export interface PhysicalNetworks {
  create(caller: Caller, network: NewPhysicalNetwork): Promise<Job>;
  update(caller: Caller, network: PhysicalNetwork, patch: { readonly state: string | undefined }): Promise<Job>;
  addTrafficType(
    caller: Caller,
    network: PhysicalNetwork,
    trafficType: string,
    kvmNetworkLabel: string | undefined,
  ): Promise<Job>;
}

/** Where guests are plugged in unless the administrator says otherwise: the bridge that the controller makes. */
const defaultBridge = "br-int";
/** Linux: IFNAMSIZ less the zero byte. */
const bridgeName = /^[A-Za-z0-9_.-]{1,15}$/;

export function physicalNetworksService(context: CloudContext, jobs: Jobs): PhysicalNetworks {
  const fresh = () => ({ id: randomUuid(context.random), createdAt: context.clock.now() });
  return {
    create(caller, { zone, name, isolationMethods }) {
      const methods = isolationMethods.map((method) => method.toUpperCase());
      const unknown = methods.find((method) => !["ODL", "VXLAN", "GRE"].includes(method));
      if (unknown !== undefined)
        throw invalid("isolationmethods", unknown, "ODL is supported, with VXLAN or GRE as its encapsulation");
      if (!methods.includes("ODL")) throw invalid("isolationmethods", methods.join(","), "it has to include ODL");
      if (methods.includes("VXLAN") && methods.includes("GRE"))
        throw invalid("isolationmethods", methods.join(","), "choose one of VXLAN and GRE");
      const physicalNetwork: PhysicalNetwork = {
        ...fresh(),
        zoneId: zone.id,
        name,
        isolationMethods: methods,
        state: "Disabled",
      };
      return jobs.submitShort(caller, "createPhysicalNetwork", {
        commit: async (tx) => ({
          result: await physicalNetworks.insert(tx, physicalNetwork),
          subject: { type: "PhysicalNetwork", id: physicalNetwork.id },
        }),
      });
    },
    update(caller, network, { state }) {
      if (state !== undefined && state !== "Enabled" && state !== "Disabled")
        throw invalid("state", state, "it is Enabled or Disabled");
      return jobs.submitShort(caller, "updatePhysicalNetwork", {
        commit: async (tx) => {
          if (state === "Disabled") await assertUnused(tx.db, network);
          return {
            result: await physicalNetworks.update(tx, network.id, state === undefined ? {} : { state }),
            subject: { type: "PhysicalNetwork", id: network.id },
          };
        },
      });
    },
    addTrafficType(caller, network, type, kvmNetworkLabel = defaultBridge) {
      if (type.toLowerCase() !== "guest") throw invalid("traffictype", type, "only Guest traffic is supported");
      if (!bridgeName.test(kvmNetworkLabel))
        throw invalid("kvmnetworklabel", kvmNetworkLabel, "it isn't the name of a bridge");
      const trafficType: TrafficType = {
        ...fresh(),
        physicalNetworkId: network.id,
        trafficType: "Guest",
        kvmNetworkLabel,
      };
      return jobs.submitShort(caller, "addTrafficType", {
        commit: async (tx) => ({
          result: await trafficTypes.insert(tx, trafficType),
          subject: { type: "TrafficType", id: trafficType.id },
        }),
      });
    },
  };
}

async function assertUnused(db: CloudContext["store"]["db"], network: PhysicalNetwork): Promise<void> {
  const used = (await guestNetworks.list(db, { physicalNetworkId: network.id })).find(
    ({ state }) => state !== "Allocated",
  );
  if (used !== undefined)
    throw new LoomstackError("CLOUD__IN_USE", {
      subject: "physical network",
      id: network.name,
      user: `network ${used.name}`,
    });
}
