/** OpenStack's command line, as its users have it. */
import { runCommand } from "../process.ts";
import { expectThat } from "../story/expectation.ts";
import type { ServerProcess } from "../story/server-process.ts";

export interface Openstack {
  /** What a command prints as JSON. @throws LAB__EXPECTATION_FAILED when it fails */
  readonly json: (...args: readonly string[]) => Promise<unknown>;
  /** Runs a command that prints nothing of use. @throws LAB__EXPECTATION_FAILED when it fails */
  readonly run: (...args: readonly string[]) => Promise<void>;
  /** What a command says that has to fail. @throws LAB__EXPECTATION_FAILED when it doesn't */
  readonly refusal: (...args: readonly string[]) => Promise<string>;
}

/** `openstack` that shows a server the name and the password of its first administrator, and knows no Keystone. */
export async function openstackWithBasic(server: ServerProcess): Promise<Openstack> {
  const { name, password } = await server.administrator();
  return openstackWith({
    ...{ OS_AUTH_TYPE: "http_basic", OS_ENDPOINT: `${server.url}/networking` },
    ...{ OS_USERNAME: name, OS_PASSWORD: password },
  });
}

/** `openstack` that shows a server a token, and knows no Keystone. */
export function openstackWithToken(server: ServerProcess, token: string): Openstack {
  return openstackWith({ OS_AUTH_TYPE: "admin_token", OS_ENDPOINT: `${server.url}/networking`, OS_TOKEN: token });
}

/** `openstack` that asks the server's own Keystone. @param env how it shows who it is: `OS_USERNAME`, `OS_TOKEN`, … */
export function openstackWithKeystone(server: ServerProcess, env: Readonly<Record<string, string>>): Openstack {
  return openstackWith({ OS_AUTH_URL: `${server.url}/identity/v3`, OS_IDENTITY_API_VERSION: "3", ...env });
}

function openstackWith(env: Readonly<Record<string, string>>): Openstack {
  const command = async (...args: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> =>
    runCommand("openstack", args, { env });
  const run = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await command(...args);
    expectThat(exitCode === 0, `openstack ${args.join(" ")}`, "exit code 0", `${exitCode}: ${stderr}`);
    return stdout;
  };
  return {
    json: async (...args) => JSON.parse(await run(...args, "-f", "json")) as unknown,
    async run(...args) {
      await run(...args);
    },
    async refusal(...args) {
      const { exitCode, stderr } = await command(...args);
      expectThat(exitCode !== 0, `openstack ${args.join(" ")}`, "another exit code than 0", exitCode);
      return stderr;
    },
  };
}
