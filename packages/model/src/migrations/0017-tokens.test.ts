import { expect, test } from "vitest";
import { createIdentity } from "../identity/identity.ts";
import { wallClock } from "../identity/identity-under-test.ts";
import { uuid } from "../store-under-test.ts";
import { storeFromBefore } from "./store-before-under-test.ts";

const rows = `
  INSERT INTO projects (id, name, description, enabled) VALUES ('${uuid(100)}', 'a', '', 1);
  INSERT INTO users (id, name, description, enabled, project_id, password_hash, api_key, secret_key)
    VALUES ('${uuid(1)}', 'eve', '', 1, '${uuid(100)}', '', 'k', 's');
  INSERT INTO role_assignments (user_id, project_id, role) VALUES ('${uuid(1)}', '${uuid(100)}', 'member')`;

test("users of a store from before 0017 can have tokens", async () => {
  await using store = await storeFromBefore("0017", rows);
  const identity = createIdentity({ store, clock: wallClock() });
  const principal = await identity.principalOfUser(uuid(1));
  if (principal === undefined) throw new TypeError("eve should be there");
  const { text } = await identity.issueToken({
    principal,
    methods: ["password"],
    issuedAt: undefined,
    expiresAt: undefined,
  });
  expect(await identity.authenticate({ "x-auth-token": text }, "192.0.2.1")).toEqual(principal);
});
