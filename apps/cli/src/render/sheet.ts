/** Rows of texts under headings, to be shown to people. */
export interface Sheet {
  readonly caption?: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface SheetStyle {
  readonly hasHeadings: boolean;
  readonly isColoured: boolean;
}
