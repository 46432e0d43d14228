// Made from packages/ovsdb/schemas/_server.ovsschema (Open vSwitch 3.7.1, Apache-2.0)
// by packages/ovsdb/scripts/generate-schema.ts; don't edit.
import type { DatabaseSchema } from "./schema.ts";

/** The schema of database _Server, version 1.2.0. */
export const serverDatabase = {
  name: "_Server",
  version: "1.2.0",
  tables: {
    Database: {
      columns: {
        name: { key: { type: "string" }, min: 1, max: 1 },
        model: { key: { type: "string", enum: ["standalone", "clustered", "relay"] }, min: 1, max: 1 },
        connected: { key: { type: "boolean" }, min: 1, max: 1 },
        leader: { key: { type: "boolean" }, min: 1, max: 1 },
        schema: { key: { type: "string" }, min: 0, max: 1 },
        cid: { key: { type: "uuid" }, min: 0, max: 1 },
        sid: { key: { type: "uuid" }, min: 0, max: 1 },
        index: { key: { type: "integer" }, min: 0, max: 1 },
      },
      isRoot: true,
    },
  },
} as const satisfies DatabaseSchema;

export type ServerDatabase = typeof serverDatabase;
