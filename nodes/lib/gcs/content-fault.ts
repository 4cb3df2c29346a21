/** Some of the compressed bytes of an object. */
export interface CompressedSpan {
  /** 1 = the bytes as they are stored; 2 = what comes out when those are decompressed once. */
  readonly layer: number;
  readonly fromByte: number;
  /** Not included. */
  readonly toByte: number;
}

const SENTENCES = {
  cut: "The gzip data end before they are complete.",
  damaged: "The gzip data are damaged.",
  nested: "The data are compressed more than twice over.",
  "too-large": "The data are larger than allowed when decompressed.",
  misfit: "No line ends where reading is to go on: what was written down about the object does not fit it.",
} as const;

/**
 * An object's content cannot be read on from here; everything good before has been handed over. Reading it again does not
 * help, unless it was damaged on the way. Not shown to users: the reader puts it into words.
 */
export class ContentFault extends Error {
  readonly kind: "cut" | "damaged" | "nested" | "too-large";
  /**
   * Where decompressing failed, when output from before the damage was lost with it: decompressing that part with care
   * (`PlainBytesOptions.careful`) brings it out.
   */
  readonly span: CompressedSpan | undefined;

  constructor(kind: keyof typeof SENTENCES, span?: CompressedSpan) {
    super(SENTENCES[kind]);
    this.name = "ContentFault";
    this.kind = kind === "misfit" ? "damaged" : kind;
    this.span = span;
  }
}
