import { bareCommand, type Command, type CommandTable, listCommand } from "../protocol/command.ts";
import { text, truth } from "../protocol/parameter.ts";
import { field, responseObject } from "../protocol/response.ts";

interface NamedCommand {
  readonly name: string;
  readonly command: Command;
}

const apiResponse = responseObject(
  "api",
  {
    name: field("string", "the name of the command"),
    description: field("string", "what it does"),
    isasync: field("boolean", "whether it answers with a job"),
    related: field("string", "always empty"),
    params: field("list", "its parameters"),
    response: field("list", "the fields of its response"),
  },
  ({ name, command }: NamedCommand) => ({
    name,
    description: command.description,
    isasync: command.isAsync,
    related: "",
    params: Object.entries(command.parameters).map(([parameter, { type, description, required }]) => ({
      name: parameter,
      type,
      description,
      required,
      length: 255,
    })),
    response: Object.entries(command.response.fields).map(([fieldName, { type, description }]) => ({
      name: fieldName,
      type,
      description,
    })),
  }),
);

/** The version of CloudStack whose API this is a part of. */
const apiVersion = "4.22.1.0";

const capabilityResponse = responseObject(
  "capability",
  {
    cloudstackversion: field("string", "the version of CloudStack whose API this is a part of"),
    securitygroupsenabled: field("boolean", "always false"),
    supportELB: field("string", "always false"),
    projectinviterequired: field("boolean", "always false"),
    allowusercreateprojects: field("boolean", "always false"),
    dynamicrolesenabled: field("boolean", "always false"),
    kvmsnapshotenabled: field("boolean", "always false"),
    regionsecondaryenabled: field("boolean", "always false"),
    userpublictemplateenabled: field("boolean", "whether users may register templates for everybody: always true"),
    defaultuipagesize: field("long", "how many objects a page has unless the request says"),
  },
  () => ({
    cloudstackversion: apiVersion,
    securitygroupsenabled: false,
    supportELB: "false",
    projectinviterequired: false,
    allowusercreateprojects: false,
    dynamicrolesenabled: false,
    kvmsnapshotenabled: false,
    regionsecondaryenabled: false,
    userpublictemplateenabled: true,
    defaultuipagesize: 20,
  }),
);

const capabilities = bareCommand({
  description: "Lists what the cloud can do",
  params: {},
  response: capabilityResponse,
  forUsers: true,
  run: () => Promise.resolve(undefined),
});

export const discoveryCommands = {
  listApis: listCommand({
    description: "Lists the commands that the caller may use",
    params: { name: text("the name of the command"), listall: truth("has no effect") },
    response: apiResponse,
    forUsers: true,
    run: ({ name: asked }, { commands, caller }) => {
      const items = visible(commands, caller.isAdmin).filter(
        ({ name }) => asked === undefined || name.toLowerCase() === asked.toLowerCase(),
      );
      return Promise.resolve({ items, count: items.length });
    },
  }),
  listCapabilities: {
    ...capabilities,
    handle: async (...request: Parameters<Command["handle"]>) => ({
      capability: await capabilities.handle(...request),
    }),
  },
};

function visible(commands: CommandTable, isAdmin: boolean): readonly NamedCommand[] {
  return Object.entries(commands)
    .filter(([, command]) => isAdmin || command.forUsers)
    .map(([name, command]) => ({ name, command }));
}
