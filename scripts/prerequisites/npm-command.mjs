/** How npm is run, also when npm itself has started us. */
import path from "node:path";
import { searchPath } from "./places.mjs";

/** The command line of npm: the one that runs us, else the one on PATH. */
export function npmCommand(args) {
  const running = process.env.npm_execpath;
  return running !== undefined && path.basename(running).startsWith("npm-cli")
    ? [process.execPath, running, ...args]
    : ["npm", ...args];
}

/**
 * The environment for npm under the Node.js `program`, which is first on PATH. What `npm run` has told about the script
 * that it runs is taken out, what the user has configured is not.
 *
 * @param headers the folder whose include/node has the headers of that Node.js; without it npm finds them itself
 */
export function npmEnvironment(program, headers) {
  const told =
    /^npm_(lifecycle_|package_|command$|execpath$|node_execpath$|config_(local_prefix|prefix|global_prefix|npm_version|node_gyp|user_agent|noproxy)$)/;
  const kept = Object.entries(process.env).filter(([name]) => !told.test(name));
  const env = { ...Object.fromEntries(kept), PATH: [path.dirname(program), ...searchPath()].join(path.delimiter) };
  return headers === undefined ? env : { ...env, npm_config_nodedir: headers };
}
