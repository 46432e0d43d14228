/** Which guests a change of intent concerns so that they are told without asking: pure. */
import type { Uuid } from "@loomstack/core";
import type { Change, Intent, Network, Port } from "@loomstack/model";
import { subnetsOf } from "../../intent/subnets-of-network.ts";
import { domainOf } from "../port-name.ts";
import { isAdvertised, nothingWithdrawn, withdrawnBetween, type Withdrawn } from "./advertisement-of-network.ts";

/** A port, or all of a network, that has something new to hear. */
export type News = ({ readonly port: Uuid } | { readonly network: Uuid }) & { readonly withdrawn?: Withdrawn };

/**
 * What a change is to guests, with intent as it is after it; undefined when it is nothing to them.
 *
 * @param dnsDomain of networks that have none of their own
 */
export function newsOf(change: Change, intent: Intent, dnsDomain: string): News | undefined {
  switch (change.resource) {
    case "binding":
      return change.after && change.before?.nodeKey !== change.after.nodeKey ? { port: change.id } : undefined;
    case "port":
      return change.before && change.after && isOther(change.before, change.after) ? { port: change.id } : undefined;
    case "network":
      return change.before && change.after && newsOfNetwork(change.before, change.after, dnsDomain);
    case "subnet": {
      const [before, after] = [change.before, change.after];
      const network = (after ?? before)?.networkId;
      if (network === undefined || ![before, after].some((one) => one && isAdvertised(one))) return undefined;
      return { network, withdrawn: withdrawnBetween(before ? [before] : [], subnetsOf(intent, network)) };
    }
    default:
      return undefined;
  }
}

function isOther(before: Port, after: Port): boolean {
  return before.adminStateUp !== after.adminStateUp || before.macAddress !== after.macAddress;
}

function newsOfNetwork(before: Network, after: Network, dnsDomain: string): News | undefined {
  const network = after.id;
  if (before.dnsDomain !== after.dnsDomain)
    return { network, withdrawn: { ...nothingWithdrawn, searchDomains: [domainOf(before, dnsDomain)] } };
  return before.adminStateUp !== after.adminStateUp || before.mtu !== after.mtu ? { network } : undefined;
}
