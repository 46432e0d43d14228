import { listProjects, listUsers, type Project, type User } from "@loomstack/model";
import { listCommand } from "../protocol/command.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { text, truth } from "../protocol/parameter.ts";
import { field, responseObject } from "../protocol/response.ts";
import { named } from "./lookup.ts";
import { rootDomain } from "./root-domain.ts";

/** Account.Type: an ordinary account is 0, the root administrator's 1. */
const accountTypes: Readonly<Record<User["role"], number>> = { user: 0, admin: 1 };
const roleTypes: Readonly<Record<User["role"], string>> = { user: "User", admin: "Admin" };

const stateOf = ({ enabled }: { readonly enabled: boolean }): string => (enabled ? "enabled" : "disabled");

const userResponse = responseObject(
  "user",
  {
    id: field("string", "the ID of the user"),
    username: field("string", "the name of the user"),
    account: field("string", "the user's account"),
    accountid: field("string", "the ID of the user's account: its name"),
    accounttype: field("integer", "0: user, 1: administrator"),
    roletype: field("string", "User or Admin"),
    domain: field("string", "the domain of the account"),
    domainid: field("string", "the ID of that domain"),
    state: field("string", "enabled or disabled"),
  },
  (user: User) => ({
    id: user.id,
    username: user.name,
    account: user.account,
    accountid: user.account,
    accounttype: accountTypes[user.role],
    roletype: roleTypes[user.role],
    ...rootDomain,
    state: stateOf(user),
  }),
);

const accountResponse = responseObject(
  "account",
  {
    id: field("string", "the ID of the account: its name"),
    name: field("string", "the name of the account"),
    accounttype: field("integer", "0: user, 1: administrator"),
    roletype: field("string", "User or Admin"),
    domain: field("string", "the domain of the account"),
    domainid: field("string", "the ID of that domain"),
    user: field("list", "the users of the account"),
    state: field("string", "enabled or disabled"),
  },
  ({ project, name, users }: Account) => {
    const role = users.some((user) => user.role === "admin") ? "admin" : "user";
    return {
      id: name,
      name,
      accounttype: accountTypes[role],
      roletype: roleTypes[role],
      ...rootDomain,
      user: users.map((user) => userResponse.write(user)),
      state: stateOf(project),
    };
  },
);

interface Account {
  readonly project: Project;
  readonly name: string;
  readonly users: readonly User[];
}

const domainResponse = responseObject(
  "domain",
  {
    id: field("string", "the ID of the domain"),
    name: field("string", "the name of the domain"),
    path: field("string", "where the domain is"),
    level: field("integer", "how deep the domain is"),
    haschild: field("boolean", "always false"),
    state: field("string", "always Active"),
  },
  ({ name }: { readonly name: string }) => ({
    id: rootDomain.domainid,
    name,
    path: name,
    level: 0,
    haschild: false,
    state: "Active",
  }),
);

export const accountCommands = {
  listUsers: listCommand({
    description: "Lists users",
    params: {
      id: text("the ID of the user"),
      username: text("the name of the user"),
      account: text("the users' account"),
      listall: truth("has no effect"),
      ...pagingParameters,
    },
    response: userResponse,
    run: async (params, { store }, name) => {
      const { id, username, account } = params;
      const found = (await listUsers(store.db)).filter(
        (user) =>
          (id ?? user.id) === user.id &&
          (username ?? user.name) === user.name &&
          (account ?? user.account) === user.account,
      );
      return pageOf(name, found, params, named);
    },
  }),
  listAccounts: listCommand({
    description: "Lists accounts",
    params: {
      id: text("the ID of the account: its name"),
      name: text("the name of the account"),
      listall: truth("has no effect"),
      ...pagingParameters,
    },
    response: accountResponse,
    forUsers: true,
    run: async (params, { store, caller }, name) => {
      const [projects, users] = [await listProjects(store.db), await listUsers(store.db)];
      const chosen = projects.filter(
        (project) =>
          (caller.isAdmin || project.name === caller.account) &&
          (params.id ?? project.name) === project.name &&
          (params.name ?? project.name) === project.name,
      );
      const accounts = chosen.map((project) => ({
        project,
        name: project.name,
        users: users.filter((user) => user.projectId === project.id),
      }));
      return pageOf(name, accounts, params, named);
    },
  }),
  listDomains: listCommand({
    description: "Lists domains: there is one",
    params: {
      id: text("the ID of the domain"),
      name: text("the name of the domain"),
      listall: truth("has no effect"),
      ...pagingParameters,
    },
    response: domainResponse,
    forUsers: true,
    run: (params, _context, name) => {
      const isMeant =
        (params.id ?? rootDomain.domainid) === rootDomain.domainid &&
        (params.name ?? rootDomain.domain) === rootDomain.domain;
      return Promise.resolve(pageOf(name, isMeant ? [{ name: rootDomain.domain }] : [], params, named));
    },
  }),
};
