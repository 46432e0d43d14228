import { code } from "../code.ts";

/** What the Networking API says in Neutron's own words, because clients compare them. */
export const neutronCodes = {
  NEUTRON__MALFORMED: code("caller", "{reason}"),
  NEUTRON__INVALID_ATTRIBUTE: code("caller", "Invalid input for {attribute}. Reason: {reason}."),
  NEUTRON__INVALID_INPUT: code("caller", "Invalid input for operation: {reason}."),
  NEUTRON__FORBIDDEN: code("caller", "{rule} is disallowed by policy"),
  NEUTRON__STALE: code("caller", "Constrained to {wanted}, but current revision is {current}"),
  NEUTRON__NOT_FOUND: code("caller", "The resource could not be found."),
  NEUTRON__MACS_EXHAUSTED: code("environment", "Unable to generate unique mac on network {network}."),
} as const;
