import type { LoomstackError } from "@loomstack/core";

/**
 * What the store refused: a value twice (`columns` as `table.column, …`), or a reference that would point at nothing.
 */
export type Violation = { readonly kind: "unique"; readonly columns: string } | { readonly kind: "reference" };

/**
 * Runs a statement, and says in our own words what it means that the store refused it.
 *
 * @throws what `explain` returns for a violation; the store's own error for anything else and when `explain` returns
 * nothing
 */
export async function explainViolation<T>(
  statement: Promise<T>,
  explain: (violation: Violation) => LoomstackError | undefined,
): Promise<T> {
  try {
    return await statement;
  } catch (error) {
    const violation = violationOf(error);
    throw (violation && explain(violation)) ?? error;
  }
}

/** Reads SQLite's extended result codes (https://www.sqlite.org/rescode.html). */
function violationOf(error: unknown): Violation | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  switch (error.code) {
    case "SQLITE_CONSTRAINT_UNIQUE":
    case "SQLITE_CONSTRAINT_PRIMARYKEY":
      return { kind: "unique", columns: error.message.replace(/^UNIQUE constraint failed: /, "") };
    case "SQLITE_CONSTRAINT_FOREIGNKEY":
      return { kind: "reference" };
    default:
      return undefined;
  }
}
