import { offeredServices } from "@loomstack/cloud";
import { field, type Fields, responseObject } from "../protocol/response.ts";

interface NetworkService {
  readonly name: string;
  readonly provider: string;
}

const fields: Fields = {
  name: field("string", "the name of the service"),
  capability: field("list", "what can be chosen about it; nothing"),
  provider: field("list", "who gives it"),
};

/** A service of networks, with who gives it. */
export const serviceResponse = responseObject("networkservice", fields, ({ name, provider }: NetworkService) => ({
  name,
  capability: [],
  provider: [{ name: provider, servicelist: [name], canenableindividualservice: false }],
}));

/** The services of an offering, as they stand in offerings and networks. */
export function writeServices(services: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(services).map(([name, provider]) => serviceResponse.write({ name, provider }));
}

export const supportedServices: readonly NetworkService[] = offeredServices.map((name) => ({
  name,
  provider: "Opendaylight",
}));
