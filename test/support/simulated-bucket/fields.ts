import { badParameter, type Refusal } from "./answers";

/** What of a resource was asked for: each name with what is wanted below it. */
export type Selection = ReadonlyMap<string, Selection> | "all";

/** The fields there are: each name with those below it; "any" has whatever names somebody gave. */
export type Shape = { readonly [name: string]: Shape | "leaf" | "any" };

class BadFields extends Error {}

/**
 * Reads a `fields` parameter: `a,b(c,d),e/f`, with `*` for all of a level.
 * Source: Google APIs, "Partial responses". Returns a refusal for bad syntax and for names that `shape` has not.
 */
export function parseFields(text: string | undefined, shape: Shape): Selection | Refusal {
  if (text === undefined) return "all";
  const reader = new FieldsReader(text);
  try {
    const selection = reader.list(shape);
    reader.expectEnd();
    return selection;
  } catch (error) {
    if (error instanceof BadFields) return badParameter("fields", `Invalid field selection ${error.message}`);
    throw error;
  }
}

/** What was asked for below a name; undefined when the name was not asked for. */
export function wantedBelow(selection: Selection, name: string): Selection | undefined {
  if (selection === "all") return "all";
  return selection.get("*") ?? selection.get(name);
}

class FieldsReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  list(shape: Shape | "any"): Selection {
    const selection = new Map<string, Selection>();
    do {
      const [name, below] = this.#field(shape);
      selection.set(name, below);
    } while (this.#skip(","));
    return selection;
  }

  expectEnd(): void {
    if (this.#at < this.#text.length) throw new BadFields(this.#text);
  }

  #field(shape: Shape | "any"): [string, Selection] {
    const name = this.#name();
    const inner = innerShape(shape, name);
    if (this.#skip("/")) return [name, new Map([this.#field(levelBelow(inner, name))])];
    if (!this.#skip("(")) return [name, "all"];
    const below = this.list(levelBelow(inner, name));
    if (!this.#skip(")")) throw new BadFields(this.#text);
    return [name, below];
  }

  #name(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !",/()".includes(this.#text.charAt(this.#at))) this.#at += 1;
    if (this.#at === start) throw new BadFields(this.#text);
    return this.#text.slice(start, this.#at);
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }
}

function innerShape(shape: Shape | "any", name: string): Shape | "leaf" | "any" {
  if (shape === "any" || name === "*") return "any";
  const inner = Object.hasOwn(shape, name) ? shape[name] : undefined;
  if (inner === undefined) throw new BadFields(name);
  return inner;
}

function levelBelow(shape: Shape | "leaf" | "any", name: string): Shape | "any" {
  if (shape === "leaf") throw new BadFields(name);
  return shape;
}
