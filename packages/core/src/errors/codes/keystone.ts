import { code } from "../code.ts";

/** What the Identity API says, in Keystone's own words where it has some. */
export const keystoneCodes = {
  KEYSTONE__MALFORMED: code("caller", "{where}: {reason}"),
  KEYSTONE__UNSUPPORTED: code("caller", "{what} isn't done here: {reason}"),
  KEYSTONE__FORBIDDEN: code("caller", "You are not authorized to perform the requested action: {action}."),
  KEYSTONE__NOT_FOUND: code("caller", "Could not find {resource}: {id}."),
} as const;
