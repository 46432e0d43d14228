import { LoomstackError } from "@loomstack/core";
import { integer, text } from "./parameter.ts";

/** CloudStack's default.page.size. */
const largestPage = 500;

/** What every list command takes. */
export const pagingParameters = {
  keyword: text("a text that the name has to contain"),
  page: integer("the number of the page, from 1; together with pagesize"),
  pagesize: integer(`how many objects a page has, at most ${largestPage}`),
};

export interface Paging {
  readonly keyword: string | undefined;
  readonly page: number | undefined;
  readonly pagesize: number | undefined;
}

export interface Page<Value> {
  readonly items: readonly Value[];
  /** Of all pages together. */
  readonly count: number;
}

/** The page asked for, of those whose name contains the keyword. @throws CLOUDSTACK__INVALID_VALUE */
export function pageOf<Value>(
  command: string,
  found: readonly Value[],
  paging: Paging,
  nameOf: (value: Value) => string,
): Page<Value> {
  const keyword = paging.keyword?.toLowerCase();
  const matching =
    keyword === undefined ? found : found.filter((value) => nameOf(value).toLowerCase().includes(keyword));
  const { page, pagesize } = paging;
  if (page === undefined && pagesize === undefined)
    return { items: matching.slice(0, largestPage), count: matching.length };
  if (page === undefined || pagesize === undefined) {
    const parameter = page === undefined ? "page" : "pagesize";
    throw new LoomstackError("CLOUDSTACK__MISSING_PARAMETER", { command: command.toLowerCase(), parameter });
  }
  const checked = (parameter: string, value: number, limit: number): void => {
    if (value >= 1 && value <= limit) return;
    throw new LoomstackError("CLOUDSTACK__INVALID_VALUE", {
      command: command.toLowerCase(),
      parameter,
      value,
      reason: `it is 1 to ${limit}`,
    });
  };
  checked("page", page, Number.MAX_SAFE_INTEGER);
  checked("pagesize", pagesize, largestPage);
  return { items: matching.slice((page - 1) * pagesize, page * pagesize), count: matching.length };
}
