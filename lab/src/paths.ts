/** Where the lab keeps what outlives it (in the checkout), and what doesn't (in the private /run of its world). */
import path from "node:path";

/** The root of the checkout. */
export const checkout = path.resolve(import.meta.dirname, "../..");
/** The project's own state folder: nothing that lasts is written outside. */
export const stateFolder = path.join(checkout, ".loomstack");
/** Where scripts/with-prerequisites.mjs unpacks the guests' kernel and guest agent. */
export const guestPackagesFolder = path.join(stateFolder, "cache/guest-packages");
/** Where the guests' initial RAM disk is kept once built. */
export const guestImageFolder = path.join(stateFolder, "cache/guest-image");

/** The lab's folder in the private /run of its world. It vanishes with the world. */
export const runFolder = "/run/loomstack";
/** TMPDIR of everything that runs in the lab. */
export const temporaryFolder = `${runFolder}/tmp`;
