import { expect, test } from "vitest";
import { refusal, temporaryStore, uuid } from "../store-under-test.ts";
import { eve, projectA } from "./identity-under-test.ts";
import { createProject } from "./project.ts";
import { createUser } from "./user.ts";

test("a user name twice is refused", async () => {
  await using store = await temporaryStore();
  await store.transact((tx) => createProject(tx, projectA));
  await store.transact((tx) => createUser(tx, eve()));
  const again = store.transact((tx) => createUser(tx, eve({ id: uuid(2), apiKey: "2" })));
  expect(await refusal(again)).toMatchObject({
    code: "MODEL__ALREADY_EXISTS",
    context: { resource: "user", id: "eve" },
  });
});
