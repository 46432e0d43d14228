import { LoomstackError } from "@loomstack/core";
import type { User } from "@loomstack/model";
import { bareCommand } from "../protocol/command.ts";
import { required, text } from "../protocol/parameter.ts";
import { field, responseObject } from "../protocol/response.ts";
import { rootDomain } from "./root-domain.ts";

interface Login {
  readonly user: User;
  readonly sessionKey: string;
  readonly timeoutSec: number;
}

const loginResponse = responseObject(
  "",
  {
    username: field("string", "the name of the user"),
    userid: field("string", "the ID of the user"),
    account: field("string", "the user's account"),
    domainid: field("string", "the ID of the account's domain"),
    firstname: field("string", "the name of the user"),
    lastname: field("string", "always empty"),
    type: field("string", "1: administrator, 0: user"),
    registered: field("string", "always false"),
    timeout: field("integer", "after how many seconds without a request the session ends"),
    sessionkey: field("string", "to be sent with each request of the session, as the parameter sessionkey"),
  },
  ({ user, sessionKey, timeoutSec }: Login) => ({
    username: user.name,
    userid: user.id,
    account: user.account,
    domainid: rootDomain.domainid,
    firstname: user.name,
    lastname: "",
    type: user.role === "admin" ? "1" : "0",
    registered: "false",
    timeout: timeoutSec,
    sessionkey: sessionKey,
  }),
);

const logoutResponse = responseObject("", { description: field("string", "success") }, (description: string) => ({
  description,
}));

export const sessionCommands = {
  login: bareCommand({
    description: "Begins a session; has to be sent with POST",
    params: {
      username: required(text("the name of the user")),
      password: required(text("the user's password")),
      domain: text("the domain of the user's account: /, or ROOT"),
    },
    response: loginResponse,
    forAnyone: true,
    run: async ({ username, password, domain = "/" }, { session }) => {
      const user = ["/", "ROOT", "/ROOT"].includes(domain) ? await session.authenticate(username, password) : undefined;
      if (user === undefined) throw new LoomstackError("CLOUDSTACK__LOGIN_FAILED", { username });
      return { user, ...(await session.open(user)) };
    },
  }),
  logout: bareCommand({
    description: "Ends the session",
    params: {},
    response: logoutResponse,
    forAnyone: true,
    run: (_params, { session }) => {
      session.close();
      return Promise.resolve("success");
    },
  }),
};
