import { cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { checkout, temporaryFolder } from "../../paths.ts";
import { plain, type Scenario } from "../scenario.ts";

const facts = { forwards: true };

export const controllerStopped = plain(
  { ...facts, name: "controller-stop", title: "controller stopped (SIGTERM) and started" },
  async ({ server }) => {
    await server.stop("SIGTERM");
    await server.start();
  },
);

export const controllerKilled = plain(
  { ...facts, name: "controller-kill", title: "controller killed (-9) and started" },
  async ({ server }) => {
    await server.stop("SIGKILL");
    await server.start();
  },
);

/** The process of another folder goes on with the state of the one before, as after an upgrade. */
export const controllerUpgraded: Scenario = {
  ...facts,
  name: "controller-upgrade",
  title: "controller stopped, and started from another folder with a copy of the code, on the same state",
  async stage({ server, settings }) {
    const folder = await copyOfCheckout();
    const file = pathToFileURL(path.join(folder, "lab/src/story/server-process.ts")).href;
    const { ServerProcess } = (await import(file)) as typeof import("../../story/server-process.ts");
    const upgraded = new ServerProcess(settings);
    return {
      async act() {
        await server.stop("SIGTERM");
        await upgraded.start();
      },
      async undo() {
        await upgraded.stop("SIGTERM");
        await server.start();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

/** The project's code again in another folder; what it depends on is the same. */
async function copyOfCheckout(): Promise<string> {
  const folder = await mkdtemp(path.join(temporaryFolder, "upgrade-"));
  for (const part of ["apps", "packages", "lab", "package.json"])
    await cp(path.join(checkout, part), path.join(folder, part), { recursive: true });
  const modules = path.join(checkout, "node_modules");
  await mkdir(path.join(folder, "node_modules/@loomstack"), { recursive: true });
  for (const name of await readdir(modules))
    if (name !== "@loomstack") await symlink(path.join(modules, name), path.join(folder, "node_modules", name));
  for (const name of await readdir(path.join(folder, "packages")))
    await symlink(path.join(folder, "packages", name), path.join(folder, "node_modules/@loomstack", name));
  return folder;
}
