import { isUuid, LoomstackError, randomUuid } from "@loomstack/core";
import {
  type ApplicationCredential,
  createApplicationCredential,
  deleteApplicationCredential,
  findApplicationCredential,
  hashPassword,
  listApplicationCredentials,
  type Principal,
  type Role,
} from "@loomstack/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { description, name, readBody } from "../body.ts";
import { demandSelf, forbidden } from "../caller.ts";
import { listAnswer, type Members } from "../lists.ts";
import type { KeystoneOptions } from "../options.ts";
import { publicUrl } from "../public-url.ts";
import { instant } from "../tokens/token.ts";
import { roleOf } from "./roles.ts";

interface OfUser {
  readonly Params: { readonly user: string; readonly id: string };
}

/** Of UTC, with or without its Z: `2026-12-31T23:59:59.000000`. */
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?$/, "is no time: 2026-12-31T23:59:59.000000")
  .transform((text) => Date.parse(text.endsWith("Z") ? text : `${text}Z`))
  .refine((ms) => !Number.isNaN(ms), "is no time");

const creation = z.strictObject({
  name,
  secret: z.string().min(16, "is too short to be safe: 16 characters at least").max(1_024).nullish(),
  description,
  expires_at: time.nullish(),
  roles: z.array(z.object({ id: z.string().optional(), name: z.string().optional() })).nullish(),
  unrestricted: z.literal(false, { error: "can't be: a credential makes no others" }).optional(),
  access_rules: z.array(z.unknown()).max(0, "isn't done here").nullish(),
});

/** `/v3/users/{id}/application_credentials`: what programs show, so that they need no password. */
export function applicationCredentialRoutes(app: FastifyInstance, { store, random }: KeystoneOptions): void {
  const url = "/users/:user/application_credentials";

  app.get<OfUser>(url, async (request) => {
    const { user } = request.params;
    demandSelf(request.principal, user, "list_application_credentials");
    const all = isUuid(user) ? await listApplicationCredentials(store.db, user) : [];
    const shown = all.map((each) => showCredential(request, each));
    const path = `/users/${user}/application_credentials`;
    return listAnswer(request, { member: "application_credentials", path, filters: ["name"] }, shown);
  });

  app.post<OfUser>(url, async (request, reply) => {
    const { principal, params, body } = request;
    if (principal.user.id !== params.user || principal.credential !== undefined || principal.scope === "none")
      throw forbidden("create_application_credential");
    const given = readBody(body, "application_credential", creation);
    const secret = given.secret ?? Buffer.from(random(32)).toString("hex");
    const credential: ApplicationCredential = {
      id: randomUuid(random),
      userId: principal.user.id,
      name: given.name,
      description: given.description,
      projectId: principal.project?.id ?? null,
      roles: rolesFor(principal, given.roles ?? undefined),
      expiresAt: given.expires_at ?? null,
    };
    const secretHash = await hashPassword(secret);
    await store.transact((tx) => createApplicationCredential(tx, { ...credential, secretHash }));
    // Said this once: the store has its hash alone.
    return reply.code(201).send({ application_credential: { ...showCredential(request, credential), secret } });
  });

  const find = async ({ user, id }: OfUser["Params"]): Promise<ApplicationCredential> => {
    const found = await findApplicationCredential(store.db, { id });
    if (found?.userId === user) return found;
    throw new LoomstackError("KEYSTONE__NOT_FOUND", { resource: "application credential", id });
  };

  app.get<OfUser>(`${url}/:id`, async (request) => {
    demandSelf(request.principal, request.params.user, "get_application_credential");
    return { application_credential: showCredential(request, await find(request.params)) };
  });

  app.delete<OfUser>(`${url}/:id`, async ({ principal, params }, reply) => {
    demandSelf(principal, params.user, "delete_application_credential");
    if (principal.credential !== undefined) throw forbidden("delete_application_credential");
    const { id } = await find(params);
    await store.transact((tx) => deleteApplicationCredential(tx, id));
    return reply.code(204).send();
  });
}

/** The roles of a credential: those of its maker, or fewer. @throws KEYSTONE__NOT_FOUND, KEYSTONE__MALFORMED */
function rolesFor(
  { roles }: Principal,
  wanted: readonly { readonly id?: string | undefined; readonly name?: string | undefined }[] | undefined,
): readonly Role[] {
  if (wanted === undefined) return roles;
  return wanted.map(({ id, name: own }) => {
    const role = roleOf(id ?? own ?? "");
    if (roles.includes(role)) return role;
    throw new LoomstackError("KEYSTONE__MALFORMED", { where: "roles", reason: `you are no ${role} there yourself` });
  });
}

function showCredential(
  request: Pick<FastifyRequest, "protocol" | "host">,
  { id, userId, name: own, description: text, projectId, roles, expiresAt }: ApplicationCredential,
): Members {
  return {
    ...{ id, name: own, description: text, project_id: projectId, user_id: userId, unrestricted: false, system: null },
    roles: roles.map((role) => ({ id: role, name: role, domain_id: null })),
    expires_at: expiresAt === null ? null : instant(expiresAt).slice(0, -1),
    links: { self: publicUrl(request, `/users/${userId}/application_credentials/${id}`) },
  };
}
