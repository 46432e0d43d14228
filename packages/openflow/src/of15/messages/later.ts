import { variants } from "@loomstack/wire";
import { tableStatusFields } from "../tables.ts";

/** The messages that OpenFlow has only had since 1.4. @see OpenFlow 1.5.1, 7.1.1 (ofp_type) */
export const laterMessages = variants({ tableStatus: [31, tableStatusFields] });
