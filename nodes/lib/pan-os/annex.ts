/**
 * What stands between the JSON and the URL in the first relay's template.
 * Source: xdrgateway by xhoms, payload layout, read 2026-11.
 */
export const ANNEX_MARKER = "---annex---";

/** A body cut at its annex marker. */
export interface AnnexSplit {
  readonly head: string;
  /** The text of `misc`, without blanks and quotes around it. */
  readonly annex: string;
}

/**
 * Cuts a body at the first annex marker; later ones belong to the URL. No line break is needed around the marker: curl's `-d`
 * and form parsers take them out.
 *
 * @returns undefined when there is no marker, or when the marker stands inside a JSON value
 */
export function splitAnnex(text: string): AnnexSplit | undefined {
  const at = text.indexOf(ANNEX_MARKER);
  if (at < 0) return undefined;
  const head = text.slice(0, at).trimEnd();
  if (!head.endsWith("}") && text.trimEnd().endsWith("}")) return undefined;
  return { head, annex: text.slice(at + ANNEX_MARKER.length).trim() };
}
