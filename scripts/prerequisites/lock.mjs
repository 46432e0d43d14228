/** Two that start at the same time on a fresh machine: the second waits for the first. */
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stateFolder } from "./places.mjs";

const file = path.join(stateFolder, "prerequisites.lock");

export async function withLock(work) {
  const release = () => rmSync(file, { force: true });
  for (let told = false; !take();) {
    const owner = Number(readOwner());
    if (!isAlive(owner)) release();
    else if (!told) {
      console.error(`Process ${owner} is bringing what is missing; waiting for it.`);
      told = true;
    }
    await pause(300);
  }
  process.once("exit", release);
  try {
    return await work();
  } finally {
    release();
    process.off("exit", release);
  }
}

/** A link is made at once, with its content: nobody reads a lock that doesn't say yet whose it is. */
function take() {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

function readOwner() {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
