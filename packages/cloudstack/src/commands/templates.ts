import { type Template, templates } from "@loomstack/model";
import { type Command, command, listCommand } from "../protocol/command.ts";
import { pageOf, pagingParameters } from "../protocol/paging.ts";
import { details, isVisible, required, sharedEntity, text } from "../protocol/parameter.ts";
import { field, formatTime, responseObject } from "../protocol/response.ts";
import { named, where } from "./lookup.ts";
import { rootDomain } from "./root-domain.ts";

const templateResponse = responseObject(
  "template",
  {
    id: field("string", "the ID of the template"),
    name: field("string", "the name of the template"),
    displaytext: field("string", "what it is, in words"),
    format: field("string", "always KERNEL: a kernel and an initial RAM file system that lie on every host"),
    hypervisor: field("string", "always KVM"),
    url: field("string", "the kernel"),
    details: field("map", "initrd: the initial RAM file system; cmdline: what the kernel's command line starts with"),
    account: field("string", "the account that registered it"),
    domain: field("string", "the domain of that account"),
    domainid: field("string", "the ID of that domain"),
    isready: field("boolean", "always true: nothing is downloaded"),
    ispublic: field("boolean", "always true"),
    isfeatured: field("boolean", "always true"),
    crossZones: field("boolean", "always true"),
    ostypename: field("string", "always Other"),
    status: field("string", "always Download Complete"),
    templatetype: field("string", "always USER"),
    created: field("string", "when it was registered"),
  },
  (template: Template) => ({
    id: template.id,
    name: template.name,
    displaytext: template.displayText,
    format: template.format,
    hypervisor: template.hypervisor,
    url: template.kernelUrl,
    details: { initrd: template.initrdUrl, cmdline: template.commandLine },
    account: template.account,
    ...rootDomain,
    isready: true,
    ispublic: true,
    isfeatured: true,
    crossZones: true,
    ostypename: "Other",
    status: "Download Complete",
    templatetype: "USER",
    created: formatTime(template.createdAt),
  }),
);

const registered = command({
  description:
    "Registers a template that boots a kernel directly. Its files have to lie on every host; nothing is downloaded.",
  params: {
    name: required(text("the name of the template")),
    displaytext: required(text("what it is, in words")),
    format: required(text("only KERNEL is supported")),
    hypervisor: required(text("only KVM is supported")),
    url: required(text("the kernel: file:///<path on the hosts>", 2048)),
    details: details(
      "initrd: the initial RAM file system, file:///<path on the hosts>; cmdline: what the command line starts with",
    ),
  },
  response: templateResponse,
  forUsers: true,
  run: ({ name, displaytext, format, hypervisor, url, details: given }, { cloud, caller }) =>
    cloud.offerings.registerTemplate(caller, {
      name,
      displayText: displaytext,
      format,
      hypervisor,
      url,
      initrd: given?.get("initrd"),
      commandLine: given?.get("cmdline"),
    }),
});

/** CloudStack answers with a list of one, because a template may be registered for several zones at once. */
const registerTemplate: Command = {
  ...registered,
  async handle(name, context, parameters) {
    const { template } = (await registered.handle(name, context, parameters)) as { readonly template: object };
    return { count: 1, template: [template] };
  },
};

export const templateCommands = {
  registerTemplate,
  listTemplates: listCommand({
    description: "Lists templates",
    params: {
      templatefilter: required(
        text(
          "featured, self, selfexecutable, sharedexecutable, executable, community, all; all templates are everybody's",
        ),
      ),
      id: sharedEntity("the ID of the template", templates),
      name: text("the name of the template"),
      ...pagingParameters,
    },
    response: templateResponse,
    forUsers: true,
    run: async (params, { store, caller }, name) => {
      const found = await templates.list(store.db, where({ id: params.id?.id, name: params.name }));
      const isOwn = params.templatefilter.toLowerCase().startsWith("self");
      return pageOf(
        name,
        isOwn ? found.filter((template) => isVisible(template, { ...caller, isAdmin: false })) : found,
        params,
        named,
      );
    },
  }),
};
