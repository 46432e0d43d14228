/** Reads what a client shows for a token, and what it wants one for. */
import { LoomstackError } from "@loomstack/core";
import type { Proof, UserReference, WantedScope } from "@loomstack/model";
import { z } from "zod";
import { readBody } from "../body.ts";
import { isOurs } from "../domain.ts";

const domainReference = z.object({ id: z.string().optional(), name: z.string().optional() }).nullish();
const user = z.object({ id: z.string().optional(), name: z.string().optional(), domain: domainReference });

const identity = z.object({
  methods: z.array(z.string()).length(1, "names one method"),
  password: z.object({ user: user.extend({ password: z.string() }) }).optional(),
  token: z.object({ id: z.string() }).optional(),
  application_credential: z
    .object({ id: z.string().optional(), name: z.string().optional(), user: user.optional(), secret: z.string() })
    .optional(),
});

const scope = z.union([
  z.literal("unscoped"),
  z.object({
    project: z.object({ id: z.string().optional(), name: z.string().optional(), domain: domainReference }).optional(),
    system: z.object({ all: z.literal(true) }).optional(),
    unscoped: z.unknown().optional(),
    domain: z.unknown().optional(),
    "OS-TRUST:trust": z.unknown().optional(),
  }),
]);

const auth = z.object({ identity, scope: scope.optional() });

export interface TokenRequest {
  readonly proof: Proof;
  readonly wanted: WantedScope | undefined;
}

/**
 * Reads the body of `POST /v3/auth/tokens`.
 *
 * @throws KEYSTONE__MALFORMED, KEYSTONE__UNSUPPORTED; NORTHBOUND__UNAUTHORIZED for what is of another domain
 */
export function readTokenRequest(body: unknown): TokenRequest {
  const request = readBody(body, "auth", auth);
  return { proof: readProof(request.identity), wanted: readScope(request.scope) };
}

function readProof(shown: z.output<typeof identity>): Proof {
  const [method = ""] = shown.methods;
  if (method === "password" && shown.password) {
    const { password, ...reference } = shown.password.user;
    return { method, user: readUser(reference), password };
  }
  if (method === "token" && shown.token) return { method, token: shown.token.id };
  if (method === "application_credential" && shown.application_credential) {
    const { id, name, user: owner, secret } = shown.application_credential;
    if (id !== undefined) return { method, credential: { id }, secret };
    if (name !== undefined && owner !== undefined)
      return { method, credential: { name, user: readUser(owner) }, secret };
  }
  if (!["password", "token", "application_credential"].includes(method))
    throw new LoomstackError("KEYSTONE__UNSUPPORTED", {
      what: `the method ${method}`,
      reason: "there are password, token and application_credential",
    });
  throw new LoomstackError("KEYSTONE__MALFORMED", {
    where: `auth.identity.${method}`,
    reason: "is missing or incomplete",
  });
}

function readUser({ id, name, domain }: z.output<typeof user>): UserReference {
  if (!isOurs(domain)) throw new LoomstackError("NORTHBOUND__UNAUTHORIZED");
  if (id !== undefined) return { id };
  if (name !== undefined) return { name };
  throw new LoomstackError("KEYSTONE__MALFORMED", { where: "user", reason: "has neither id nor name" });
}

function readScope(wanted: z.output<typeof scope> | undefined): WantedScope | undefined {
  if (wanted === undefined) return undefined;
  if (wanted === "unscoped" || wanted.unscoped !== undefined) return "none";
  if (wanted.system !== undefined) return "system";
  const { project } = wanted;
  if (project === undefined)
    throw new LoomstackError("KEYSTONE__UNSUPPORTED", {
      what: "a scope other than a project or the system",
      reason: "there is one domain, and there are no trusts",
    });
  if (!isOurs(project.domain)) throw new LoomstackError("NORTHBOUND__UNAUTHORIZED");
  if (project.id !== undefined) return { projectId: project.id };
  if (project.name !== undefined) return { projectName: project.name };
  throw new LoomstackError("KEYSTONE__MALFORMED", { where: "auth.scope.project", reason: "has neither id nor name" });
}
