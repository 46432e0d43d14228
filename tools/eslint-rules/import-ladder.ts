import path from "node:path";
import type { TSESTree } from "@typescript-eslint/utils";
import type { Rule } from "eslint";
import { ladder } from "./ladder.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** The workspace that a file belongs to: `packages/<name>/…`, `apps/<name>/…`, `lab/…` or `bench/…`. */
function workspaceOf(file: string): string | undefined {
  const [first, second] = path.relative(root, file).split(path.sep);
  if (first === "packages" || first === "apps") return second;
  return first === "lab" || first === "bench" ? first : undefined;
}

/** Reports an import of a workspace that the ladder doesn't allow, and a relative import that leaves its workspace. */
export const importLadder: Rule.RuleModule = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      ladder: "{{from}} must not import {{to}}: see the import ladder in tools/eslint-rules/ladder.ts.",
      leaves: "A relative import must not leave its workspace; import @loomstack/{{to}} instead.",
    },
  },
  create(context) {
    const from = workspaceOf(context.filename);
    if (from === undefined) return {};
    const isAside = /(\.test(-d)?|-under-test|\/scripts\/.*)\.ts$/.test(context.filename);
    const check = (node: Rule.Node, source: TSESTree.Literal | null | undefined): void => {
      if (typeof source?.value !== "string") return;
      const named = /^@loomstack\/([^/]+)/.exec(source.value)?.[1];
      if (
        named !== undefined &&
        named !== from &&
        !ladder[from]?.includes(named) &&
        !(isAside && named === "testkit")
      ) {
        context.report({ node, messageId: "ladder", data: { from, to: named } });
      }
      if (!source.value.startsWith(".")) return;
      const to = workspaceOf(path.resolve(path.dirname(context.filename), source.value));
      if (to !== from) context.report({ node, messageId: "leaves", data: { to: to ?? "?" } });
    };
    const visit = (node: Rule.Node): void => check(node, (node as { source?: TSESTree.Literal | null }).source);
    return {
      ImportDeclaration: visit,
      ExportNamedDeclaration: visit,
      ExportAllDeclaration: visit,
      ImportExpression: visit,
    };
  },
};
